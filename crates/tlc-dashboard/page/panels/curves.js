/** One chart for each key that runs log, all drawn runs in each. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { hue } from '../charts/colors.js';
import { HANDS, Lines } from '../charts/lines.js';
import { isLive } from '../state/live.js';
import { series } from '../state/catalog.js';
import { colorPlaces, drawn, focused } from '../state/runlist.js';
import { param, setParams } from '../state/url.js';
import { Empty, Pick } from '../widgets/basics.js';
import { html } from '../widgets/html.js';

const smoothing = param('smooth');
const log = param('log');
const words = param('find');
const wantedAxis = param('axis');
/** Those that people mean first. */
const AXES = /** @type {import('../state/types.js').Axis[]} */ (['epoch', 'iteration', 'step', 'time']);

export function Curves() {
  const runs = drawn.value;
  const logged = [...new Set(runs.flatMap((run) => (series.value[run.id] ?? []).map((each) => each.key)))];
  const keys = [...logged.filter(moves), ...logged.filter((key) => !moves(key))];
  const found = keys.filter((key) => key.toLowerCase().includes((words.value ?? '').toLowerCase()));
  const weight = Number(smoothing.value ?? 0);
  const isLoaded = runs.every((run) => series.value[run.id]);
  return html`<section class="curves" aria-label="curves">
    <div class="row head">
      <b>${runs.length === 1 ? '1 run' : `${runs.length} runs`}</b>
      <label class="row dim">smooth <input type="range" min="0" max="0.98" step="0.02" value=${weight} aria-label="smoothing"
        onInput=${(/** @type {any} */ event) => setParams({ smooth: event.target.value === '0' ? null : event.target.value })} />
        <span class="width-3">${weight || 'off'}</span></label>
      <label class="row dim"><input type="checkbox" checked=${log.value === '1'}
        onChange=${() => setParams({ log: log.value === '1' ? null : '1' })} /> log y</label>
      <span class="grow" />
      ${keys.length > 4 && html`<input type="search" class="code" placeholder="find a chart" aria-label="find a chart"
        value=${words.value ?? ''} onInput=${(/** @type {any} */ event) => setParams({ find: event.target.value || null })} />`}
      <span class="dim row" title=${isLive.value ? 'The curves grow as the runs do.' : 'The server is not heard.'}><i
        class=${`status ${isLive.value ? 'completed' : ''}`} />live</span>
    </div>
    ${runs.length === 0 && html`<${Empty} title="Curves will be here">Tick runs at the left to draw them, one over the other.<//>`}
    ${runs.length > 0 && isLoaded && keys.length === 0 && html`<${Empty} title="Curves will be here"
      lines=${'run.log([("step", step), ("loss", loss)])?;'}>These runs have logged no values yet. <code>.log_to(&run, …)</code> on a training logs Burn's own averages; a loop of one's own logs what it likes:<//>`}
    <div class="charts">${(isLoaded || keys.length ? found : ['', '', '', '']).map((key, place) => html`<${Chart} key=${key || place} name=${key} smoothing=${weight} isLog=${log.value === '1'} />`)}</div>
  </section>`;
}

/** @param {{name: string, smoothing: number, isLog: boolean}} props a chart that is drawn as soon as it is in sight */
function Chart({ name, smoothing: weight, isLog }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry.isIntersecting) setSeen(true);
      },
      { rootMargin: '200px' },
    );
    if (ref.current) watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, []);
  const axes = axesOf(name);
  const axis = axisOf(axes);
  const lines = linesOf(name);
  return html`<figure ref=${ref} class="chart"><figcaption><span title=${name}>${name}</span>
    <span class="dim row" title=${HANDS}>${
      axes.length > 1
        ? html`<${Pick} label="by" value=${axis} choices=${axes.map((each) => [each, each])}
            onChoose=${(/** @type {string} */ next) => setParams({ axis: next })} />`
        : name && `by ${axis}`
    }${name && isLog && html`<span>log</span>`}</span></figcaption>
    ${isSeen && name && html`<${Lines} lines=${lines} axis=${axis}
      label=${`${name} of ${lines.map((line) => line.name).join(', ')} by ${axis}`} smoothing=${weight} isLog=${isLog} together=${`by ${axis}`} />`}
  </figure>`;
}

/** @param {string} key @returns {boolean} whether there is something to see: a number of rows, say, stays what it is */
function moves(key) {
  const lines = linesOf(key).map(({ points }) => points.map(([, value]) => value));
  const areLines = lines.some((values) => values.length > 1);
  return areLines ? lines.some((values) => values.some((value) => value !== values[0])) : new Set(lines.flat()).size > 1;
}

/** @param {string} key @returns {import('../state/types.js').Axis[]} what it was logged by, in the runs that are drawn */
const axesOf = (key) =>
  AXES.filter((axis) => drawn.value.some((run) => (series.value[run.id] ?? []).some((each) => each.key === key && each.axis === axis)));

/** @param {import('../state/types.js').Axis[]} axes @returns {import('../state/types.js').Axis} the one that is wanted, where there is such */
const axisOf = (axes) => axes.find((axis) => axis === wantedAxis.value) ?? axes[0] ?? 'epoch';

/** @param {string} key */
function linesOf(key) {
  const axis = axisOf(axesOf(key));
  return drawn.value.flatMap((run) => {
    const found = (series.value[run.id] ?? []).find((each) => each.key === key && each.axis === axis);
    return found
      ? [
          {
            id: run.id,
            name: run.name,
            color: hue(colorPlaces.value[run.id] ?? 0),
            isMain: drawn.value.length > 1 && run.id === focused.value?.id,
            points: found.points,
          },
        ]
      : [];
  });
}
