/** Lines over a common axis: one for each run, read all at once where the pointer is, or where the keys are. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { isDark } from '../state/theme.js';
import { html } from '../widgets/html.js';
import { useSize } from '../widgets/hooks.js';
import { digits } from '../widgets/format.js';
import { FONT } from './canvas.js';
import { css } from './colors.js';
import { smooth } from './smooth.js';
import { DURATIONS, durationText, tickText } from './ticks.js';

/** @typedef {{id: string, name: string, color: string, isMain?: boolean, points: [number, number | null][]}} Line */
/** @typedef {import('uplot')} Plot */

const READ_AT_MOST = 12;
/** How much of a colour is left where a line stands behind its own average. */
const FAINT = '38';
const ASIDE = 16;
/** What one can do, in words. */
export const HANDS = 'Drag: a part of it. Double click or 0: all. Arrow keys: read. + and −: zoom.';
const ZOOMS = /** @type {Record<string, number>} */ ({ '+': 0.5, '=': 0.5, '-': 2 });

/** The library comes with the first of them: most rooms have none. @type {typeof import('uplot')} */
let uPlot;
const isHere = signal(false);
async function fetchLibrary() {
  ({ default: uPlot } = await import('uplot'));
  isHere.value = true;
}

/**
 * @param {object} props
 * @param {Line[]} props.lines
 * @param {string} props.axis
 * @param {string} props.label what is drawn, for those who don't see it
 * @param {number} [props.smoothing]
 * @param {boolean} [props.isLog]
 * @param {string} [props.together] charts of the same name move their cursor together
 */
export function Lines(props) {
  useEffect(() => {
    fetchLibrary();
  }, []);
  return isHere.value && html`<${Chart} ...${props} />`;
}

/** @param {Parameters<typeof Lines>[0]} props */
function Chart({ lines, axis, label, smoothing = 0, isLog = false, together: group }) {
  const [ref, size] = useSize();
  const plot = useRef(/** @type {Plot | null} */ (null));
  const [reading, setReading] = useState(/** @type {Reading | null} */ (null));
  const [isZoomed, setZoomed] = useState(false);
  const data = useMemo(() => aligned(lines, smoothing, isLog), [lines, smoothing, isLog]);
  const isSmooth = smoothing > 0;
  const shape = JSON.stringify([
    lines.map((line) => [line.id, line.color, line.isMain]),
    ...[isLog, isSmooth, axis, isDark.value, group],
  ]);

  useEffect(() => {
    if (!ref.current || size.width < 40) return undefined;
    const hear = { onRead: setReading, onZoom: setZoomed };
    const made = new uPlot(options({ lines, axis, isLog, isSmooth, size, group, ...hear }), data, ref.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
      setReading(null);
      setZoomed(false);
    };
  }, [shape, size.width < 40]);
  useEffect(() => {
    if (plot.current && size.width >= 40) plot.current.setSize(size);
  }, [size.width, size.height]);
  useEffect(() => {
    const now = plot.current;
    if (!now || now.data === data) return;
    const wasZoomed = isPart(now);
    now.setData(data, !wasZoomed);
    if (wasZoomed) now.redraw();
  }, [data]);

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (!plot.current || !act(plot.current, event.key, reading)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="lines" role="group" aria-label=${label} ref=${ref} tabindex="0"
      aria-description=${HANDS} onKeyDown=${onKey} onBlur=${() => setReading(null)}>
    ${isZoomed && html`<button type="button" class="link whole" onClick=${() => plot.current && whole(plot.current)}>all</button>`}
    ${reading && html`<${Tip} reading=${reading} lines=${lines} axis=${axis} width=${size.width} />`}
  </div>`;
}

/** @typedef {{at: number, x: number, left: number, values: (number | null | undefined)[]}} Reading */

/** @param {{reading: Reading, lines: Line[], axis: string, width: number}} props */
function Tip({ reading, lines, axis, width }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const read = lines
    .map((line, place) => ({ line, value: reading.values[place] }))
    .filter((each) => typeof each.value === 'number')
    .sort((a, b) => Number(b.value) - Number(a.value));
  useLayoutEffect(() => {
    if (!ref.current) return;
    const own = ref.current.offsetWidth;
    const right = reading.left + ASIDE;
    const wanted = right + own < width ? right : reading.left - ASIDE - own;
    ref.current.style.left = `${Math.max(0, Math.min(wanted, width - own))}px`;
  });
  return html`<div class="tip reads" ref=${ref}>
    <div class="dim">${axis === 'time' ? `after ${durationText(reading.x)}` : `${axis} ${digits(reading.x)}`}</div>
    <table>${read.slice(0, READ_AT_MOST).map(
      ({ line, value }) => html`<tr key=${line.id} class=${line.isMain ? 'is-main' : ''}>
      <td><i class="swatch" style=${{ background: line.color }} /></td><td class="name">${line.name}</td>
        <td class="number">${digits(Number(value))}</td>
    </tr>`,
    )}</table>
    ${read.length > READ_AT_MOST && html`<div class="dim">and ${read.length - READ_AT_MOST} more</div>`}
    ${read.length === 0 && html`<div class="dim">no value here</div>`}
  </div>`;
}

/**
 * @param {Line[]} lines @param {number} smoothing @param {boolean} isLog
 * @returns {import('uplot').AlignedData} all lines over one axis, behind averages the lines themselves; uPlot wants at least one
 */
function aligned(lines, smoothing, isLog) {
  const table = (/** @type {Line} */ line, /** @type {number} */ weight) =>
    /** @type {import('uplot').AlignedData} */ ([
      line.points.map((point) => point[0]),
      smooth(
        line.points.map((point) => (isLog && point[1] !== null && point[1] <= 0 ? null : point[1])),
        weight,
      ),
    ]);
  const tables = [...lines.map((line) => table(line, smoothing)), ...(smoothing > 0 ? lines.map((line) => table(line, 0)) : [])];
  return tables.length ? uPlot.join(tables) : [[], []];
}

/**
 * @param {{lines: Line[], axis: string, isLog: boolean, isSmooth: boolean, size: {width: number, height: number}, group?: string, onRead: (reading: Reading | null) => void, onZoom: (isZoomed: boolean) => void}} props
 * @returns {import('uplot').Options}
 */
function options({ lines, axis, isLog, isSmooth, size, group, onRead, onZoom }) {
  const ink = css('--dim');
  const grid = css('--line');
  const isAlone = lines.every((line) => line.points.length < 2);
  const isTime = axis === 'time';
  const serie = (/** @type {Line | null} */ line, /** @type {boolean} */ isFaint) => ({
    label: line?.name ?? '',
    stroke: isFaint ? `${line?.color}${FAINT}` : line?.color,
    width: line?.isMain && !isFaint ? 2.5 : 1.25,
    spanGaps: true,
    points: { show: isAlone, size: 6 },
  });
  return {
    ...size,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: { sync: group ? { key: group } : undefined, drag: { x: true, y: false, setScale: true }, points: { size: 6 }, y: false },
    scales: { x: { time: false }, y: { distr: isLog ? 3 : 1 } },
    axes: [
      {
        stroke: ink,
        font: FONT,
        grid: { show: false },
        ticks: { show: false },
        size: 24,
        gap: 4,
        space: isTime ? 72 : 50,
        ...(isTime ? { incrs: DURATIONS } : {}),
        values: (_, ticks) => ticks.map((tick) => (isTime ? durationText(tick) : Number.isInteger(tick) ? String(tick) : '')),
      },
      {
        stroke: ink,
        font: FONT,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        size: (_, texts) => 12 + 7 * Math.max(4, ...(texts ?? []).map((text) => text?.length ?? 0)),
        gap: 4,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : tickText(tick))),
      },
    ],
    series: [
      {},
      ...(lines.length ? lines : [null]).map((line) => serie(line, false)),
      ...(isSmooth ? lines.map((line) => serie(line, true)) : []),
    ],
    hooks: {
      setCursor: [(/** @type {Plot} */ u) => onRead(readAt(u, lines.length))],
      setScale: [(/** @type {Plot} */ u, /** @type {string} */ key) => key === 'x' && onZoom(isPart(u))],
      ready: [(/** @type {Plot} */ u) => u.over.addEventListener('mouseleave', () => onRead(null))],
    },
  };
}

/** @param {Plot} u @returns {boolean} whether a part of the axis is in sight */
function isPart({ data: [xs], scales }) {
  return xs.length > 1 && (scales.x.min !== xs[0] || scales.x.max !== xs[xs.length - 1]);
}

/** @param {Plot} u @returns {Plot[]} the charts whose axis is the same one */
const together = (u) => (u.cursor.sync?.key ? uPlot.sync(u.cursor.sync.key).plots : [u]);

/** @param {Plot} u */
const whole = (u) => together(u).forEach((each) => each.setData(each.data, true));

/** @param {Plot} u @param {string} key @param {Reading | null} reading @returns {boolean} whether the key did something */
function act(u, key, reading) {
  const [xs] = u.data;
  const { min = xs[0], max = xs[xs.length - 1] } = u.scales.x;
  const read = (/** @type {number} */ at) => u.setCursor({ left: u.valToPos(xs[Math.min(Math.max(at, 0), xs.length - 1)], 'x'), top: 0 });
  const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (step && xs.length > 0) read(reading ? reading.at + step : step > 0 ? u.valToIdx(Number(min)) : u.valToIdx(Number(max)));
  else if (key === '0') whole(u);
  else if (key === 'Escape' && reading) u.setCursor({ left: -10, top: -10 });
  else if (ZOOMS[key]) {
    const middle = reading?.x ?? (Number(min) + Number(max)) / 2;
    const next = (/** @type {number} */ end) => Math.min(Math.max(middle + (end - middle) * ZOOMS[key], xs[0]), xs[xs.length - 1]);
    for (const each of together(u)) each.setScale('x', { min: next(Number(min)), max: next(Number(max)) });
  } else return false;
  return true;
}

/** @param {Plot} u @param {number} lines @returns {Reading | null} the values where one points, of each line the nearest that it has */
function readAt(u, lines) {
  const at = u.cursor.idx;
  const isPointed = u.over.matches(':hover') || (u.root.parentElement !== null && u.root.parentElement === document.activeElement);
  if (at === null || at === undefined || (u.cursor.left ?? -1) < 0 || !isPointed) return null;
  return {
    at,
    x: Number(u.data[0][at]),
    left: (u.cursor.left ?? 0) + u.over.offsetLeft,
    values: u.data.slice(1, 1 + lines).map((values, place) => {
      const near = u.cursor.idxs?.[place + 1] ?? at;
      return near === null ? null : /** @type {any} */ (values)[near];
    }),
  };
}
