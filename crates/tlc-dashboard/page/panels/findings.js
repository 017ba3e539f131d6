/** The strip of findings: what to look at first. A click sets the filters and the order. */
import { useEffect } from 'preact/hooks';
import { get, quiet } from '../api.js';
import { session } from '../state/catalog.js';
import { imageSrc } from '../state/images.js';
import { longWork } from '../state/jobs.js';
import { loaded } from '../state/loaded.js';
import { panes } from '../state/panes.js';
import { rowsError } from '../state/rows.js';
import { defaults, filters, growth, reopen, setBoth, viewId, viewNow } from '../state/view.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Progress } from '../widgets/progress.js';

/** @typedef {import('../state/types.js').Finding} Finding */

/** @type {ReturnType<typeof loaded<Finding[]>>} */
export const findings = loaded(() => {
  const id = viewId.value;
  return id && viewNow.value?.runs.length
    ? { key: `${id} ${growth.value}`, ask: (signal) => quiet().then(() => get(`views/${id}/findings`, { signal })) }
    : null;
});
const work = longWork(async () => {
  await reopen();
  findings.again();
});
/** What there was to say of the last computation. */
export const notes = work.notes;

const compute = () => work.begin(`views/${viewId.peek()}/findings`, {});

export function Findings() {
  const { value, isLoading, error } = findings.value;
  useEffect(() => {
    rowsError.value = null;
  }, []);
  if (!panes.findings.isShown.value || !viewNow.value?.runs.length) return null;
  if (error && !value)
    return html`<section class="findings"><p class="dim pad">Findings: ${error.message} <button type="button" class="link"
      onClick=${findings.again}>Try again</button></p></section>`;
  const ready = (value ?? []).filter((each) => each.state === 'ready');
  const missing = (value ?? []).filter((each) => each.state === 'missing');
  const impossible = (value ?? []).filter((each) => each.state === 'impossible');
  return html`<section class="findings" aria-label="findings" aria-busy=${isLoading}>
    ${!value && [0, 1, 2, 3, 4].map((each) => html`<div class="finding is-empty" key=${each} />`)}
    ${ready.map((each) => html`<${Card} key=${each.kind} finding=${each} />`)}
    ${missing.length > 0 && html`<${Missing} findings=${missing} />`}
    ${impossible.length > 0 && ready.length + missing.length < 5 && impossible.slice(0, 2).map((each) => html`<div class="finding is-not" key=${each.kind}
      title=${each.explanation}><b>${each.title}</b><p class="dim">${each.reason ?? 'Not with what was collected.'}</p></div>`)}
    ${value?.length === 0 && html`<p class="dim pad">Findings will be here: label issues, confused pairs, samples never learned. They need a label, a prediction and a loss of every sample.</p>`}
  </section>`;
}

/** @param {{finding: Finding}} props */
function Card({ finding }) {
  const image = defaults.value.image;
  const isOn = JSON.stringify(filters.value) === JSON.stringify(finding.filters) && finding.filters.length > 0;
  const onClick = () => (isOn ? setBoth([], []) : setBoth(finding.filters, finding.order));
  return html`<button type="button" class=${`finding ${isOn ? 'is-on' : ''}`} aria-pressed=${isOn} title=${finding.explanation}
    onClick=${onClick} data-finding>
    <span class="head"><b>${finding.title}</b><b class="number">${finding.count === null ? '' : count(finding.count)}</b></span>
    ${
      image
        ? html`<span class="thumbs">${finding.rows.slice(0, 5).map((row) => html`<img key=${row} alt="" loading="lazy"
          src=${imageSrc(viewId.value ?? '', row, image)} />`)}</span>`
        : html`<span class="dim say">${finding.explanation}</span>`
    }
  </button>`;
}

/** @param {{findings: Finding[]}} props */
function Missing({ findings: missing }) {
  const running = work.running.value;
  const names = missing.map((each) => each.title.toLowerCase()).join(', ');
  return html`<div class="finding is-not" title=${missing.map((each) => `${each.title}: ${each.explanation}`).join('\n')}>
    <b class="cut">Not computed yet</b>
    ${
      running
        ? html`<${Progress} stage=${running.stage ?? ''} part=${running.part ?? 0} label="computing findings" onCancel=${work.cancel} />`
        : work.error.value
          ? html`<div class="wrong cut" title=${work.error.value}>${work.error.value} <button type="button" class="link"
            onClick=${compute}>again</button></div>`
          : html`<div class="row"><button type="button" disabled=${session.value.value?.read_only} onClick=${compute}>Compute</button>
            <span class="dim cut">${names}</span></div>`
    }
  </div>`;
}
