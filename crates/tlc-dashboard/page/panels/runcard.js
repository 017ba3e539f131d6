/** The run that the list is at: what it is, and where one can go from it. */
import { tables } from '../state/catalog.js';
import { tickedIds } from '../state/runlist.js';
import { href } from '../state/url.js';
import { Copyable } from '../widgets/basics.js';
import { count, many, moment, parameterText } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Run} Run */

/** @param {Run} run @returns {[string[], Record<string, string>]} where its samples are */
export const samplesOf = (run) => [['samples'], { runs: run.id }];

/** @param {{run: Run}} props */
export function RunCard({ run }) {
  const streams = run.streams.filter((each) => !each.is_finding);
  const epochs = Math.max(0, ...streams.flatMap((each) => each.epochs));
  const hasSamples = streams.some((each) => each.rows > 0);
  const others = tickedIds.value.filter((id) => id !== run.id);
  const parameters = Object.entries(run.parameters);
  return html`<section class="runcard" aria-label=${run.name}>
    <p><b>${run.name}</b> <span class="dim">${run.status}${epochs > 0 ? `, ${many(epochs, 'epoch')}` : ''}, since ${moment(run.created)}</span></p>
    ${run.description && html`<p class="dim">${run.description}</p>`}
    ${run.failure && html`<p class="wrong">${run.failure}</p>`}
    <div class="row actions">
      ${hasSamples && html`<a class="button main" href=${href(...samplesOf(run))}>Open samples <kbd>↵</kbd></a>`}
      ${others.length > 0 && html`<a class="button" title="which samples are newly right, and newly wrong"
        href=${href(['compare'], { before: others[0], after: run.id })}>Compare…</a>`}
      ${hasSamples && others.length > 0 && html`<a class="button" title="rows of all of them, and a number before against after"
        href=${href(['samples'], { runs: [run.id, ...others].join(',') })}>Samples of ${others.length === 1 ? 'both' : `all ${others.length + 1}`}</a>`}
      ${run.tables.map((table) => html`<a class="button" key=${table.id}
        href=${href(['samples'], { tables: table.id })}>${table.dataset} <span class="dim">${table.name}</span></a>`)}
    </div>
    ${!hasSamples && run.status !== 'empty' && html`<p class="dim">Nothing was collected from samples yet. With <code>.collect(…)</code> on the training they will open here:</p>
      <${Copyable} lines=".collect(MyBatcher, &rows, Classification::new(CLASSES))" />`}
    ${parameters.length > 0 && html`<dl class="facts">${parameters.map(([name, value]) => html`<div key=${name}><dt
      title=${name}>${name}</dt><dd title=${parameterText(value)}>${parameterText(value)}</dd></div>`)}</dl>`}
    ${streams.length > 0 && html`<dl class="facts wide">${streams.map((each) => html`<div key=${each.name}><dt
      title=${each.name}>${each.splits.join(', ') || each.name}</dt>
      <dd>${count(each.rows)} rows <span class="dim">${tableNames(each.tables ?? [])}</span></dd></div>`)}</dl>`}
  </section>`;
}

/** @param {string[]} ids */
function tableNames(ids) {
  const names = ids
    .map((id) => tables.value.value?.find((each) => each.id === id))
    .filter((each) => each !== undefined)
    .map((each) => `${each.dataset} ${each.name}`);
  return names.length ? `of ${names.join(', ')}` : '';
}
