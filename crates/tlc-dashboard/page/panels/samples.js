/** The samples of a run or of a table: findings, filters, charts and rows, all linked. */
import { isCommitting } from '../state/actions.js';
import { areShown } from '../state/charts.js';
import { projectId } from '../state/catalog.js';
import { cellsPending } from '../state/edits.js';
import { panes } from '../state/panes.js';
import { matching } from '../state/rows.js';
import { openRow } from '../state/selection.js';
import { href, param } from '../state/url.js';
import { epochNow, rowsNow, runOfView, setEpoch, tableOfView, view, viewNow } from '../state/view.js';
import { Empty, Failure } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Splitter } from '../widgets/splitter.js';
import { Bar } from './bar.js';
import { ChartPane } from './chartpane.js';
import { Filters } from './filters.js';
import { Findings, notes as findingNotes } from './findings.js';
import { Hover } from './hover.js';
import { Overlays } from './overlays.js';
import { Rows } from './rows.js';
import { SampleDetail } from './sample.js';
import { StreamTabs } from './streams.js';

const runIds = param('runs');

/** @returns {{name: any, href?: string | null}[]} */
export function placesOfView() {
  const run = runOfView.value.value;
  const table = tableOfView.value.value;
  const more = (runIds.value ?? '').split(',').length - 1;
  const isAtWork = run && !['completed', 'empty', 'interrupted'].includes(run.status);
  if (run)
    return [
      {
        name: html`${isAtWork && html`<i class=${`status ${run.status}`} title=${run.failure ?? run.status} /> `}${run.name}${more > 0 && ` and ${more} more`}${
          isAtWork && html` <span class="dim">${run.status}</span>`
        }`,
      },
    ];
  return table ? [{ name: html`${table.dataset} <span class="dim">${table.name}</span>` }] : [];
}

/** @returns {any[]} */
function tabs() {
  const run = runOfView.value.value;
  return [
    { name: 'Samples', href: location.hash || '#/', isHere: true },
    ...(run
      ? [{ name: 'Curves', href: href(['project', projectId.value ?? '', 'runs'], { run: run.id, on: run.id }), isHere: false }]
      : []),
    ...(run ? [{ name: 'Compare', href: href(['compare'], { after: run.id }), isHere: false }] : []),
    { name: 'Review', count: matching.value, href: href(['review'], { ...rowsNow(), back: location.hash.slice(1) }), isHere: false },
  ];
}

export function Samples() {
  const { value, error } = view.value;
  return html`<div class="room"><${Bar} places=${placesOfView()} tabs=${tabs()}>
      <${StreamTabs} /><${Overlays} /><${Epochs} /><${Pending} />
    <//>
    <${Failure} error=${error} onAgain=${view.again} />
    ${
      error && !value
        ? html`<main class="page"><${Nothing} error=${error} /></main>`
        : value?.rows === 0
          ? html`<main class="page"><${NoSamples} /></main>`
          : html`<${Findings} /><${Notes} /><main class="samples">
        ${panes.filters.isShown.value && html`<${Filters} />`}
        <div class="middle"><${ChartPane} />${
          areShown.value &&
          html`<${Splitter} name="--charts-height" least=${160}
          most=${900} isRow />`
        }<${Rows} /></div>
        ${openRow.value !== null && html`<${Splitter} name="--detail-width" least=${240} most=${720} isFromEnd /><${SampleDetail} />`}
      </main><${Hover} />`
    }
  </div>`;
}

const COLLECT = '.collect(MyBatcher, &rows, Classification::new(CLASSES))';
const NoSamples = () =>
  html`<${Empty} title="Samples will be here" lines=${COLLECT}>Nothing was collected yet. With this line on the training, every sample's loss, prediction and confidence show here after each epoch; the page need not be loaded again.<//>`;

/** @param {{error: import('../api.js').ApiError}} props why there is nothing, and where one can go */
function Nothing({ error }) {
  const run = runOfView.value.value;
  if (!run) return html`<${Empty} title="Not here"><a class="button" href="#/">All projects</a><//>`;
  const curves = html`<a class="button" href=${href(['project', projectId.value ?? '', 'runs'], { run: run.id, on: run.id })}>Its curves</a>`;
  if (run.failure)
    return html`<${Empty} title="The run has failed"><p class="wrong">${run.failure}</p><p>It collected nothing from samples before that. ${curves}</p><//>`;
  return error.status === 400 ? html`<${NoSamples} />` : html`<${Empty} title="Not here">${curves}<//>`;
}

/** What the server has to say of the rows: of samples left out, of tables not found. */
function Notes() {
  const notes = [...(viewNow.value?.notes ?? []), ...findingNotes.value];
  return notes.length > 0 && html`<div class="notes dim" title=${notes.join('\n')}>${notes.join(' · ')}</div>`;
}

/** The epoch that is looked at. */
export function Epochs() {
  const epochs = viewNow.value?.epochs ?? [];
  if (epochs.length < 2) return null;
  const at = Math.max(0, epochs.indexOf(epochNow.value ?? -1));
  return html`<label class="row epochs" title="[ and ]"><span class="dim">epoch</span>
    <input type="range" min="0" max=${epochs.length - 1} step="1" value=${at} aria-label="epoch" aria-valuetext=${String(epochs[at])}
      onInput=${(/** @type {any} */ event) => setEpoch(epochs[Number(event.target.value)])} />
    <span class="width-3">${epochs[at]}</span></label>`;
}

/** How many edits wait to be committed. */
export function Pending() {
  const cells = cellsPending.value;
  return (
    cells > 0 &&
    html`<button type="button" class="pending" title="commit these edits (ctrl+enter)" onClick=${() => {
      isCommitting.value = true;
    }}>${count(cells)} pending</button>`
  );
}
