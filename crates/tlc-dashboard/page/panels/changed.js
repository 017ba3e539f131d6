/** The samples of a verdict or of a pair of predictions, those that changed most first. */
import { changed, factsOf, rowsListed, showMore } from '../state/changed.js';
import * as compare from '../state/comparing.js';
import { imageSrc } from '../state/images.js';
import { go, href, paramNow } from '../state/url.js';
import { Empty, Failure } from '../widgets/basics.js';
import { cellText, count, digits, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Picture } from '../widgets/picture.js';

/** @typedef {import('../state/types.js').View} View */
/** @typedef {Record<string, import('../state/types.js').Cell>} Cells */

/** @param {{title: string}} props of the verdict */
export function Changed({ title: verdictTitle }) {
  const { value, isLoading, error } = changed.value;
  const by = compare.changeOf.value;
  const pair = compare.pair.value;
  const title = pair ? `${pair[0]} → ${pair[1]}` : verdictTitle;
  const openAll = async (/** @type {'samples' | 'review'} */ room) => {
    const rows = await rowsListed();
    go([room], {
      runs: compare.afterId.value,
      stream: paramNow('stream'),
      epoch: compare.afterEpoch.value,
      f: JSON.stringify([{ type: 'rows', rows }]),
      ...(by ? { o: JSON.stringify([{ column: by, descending: true }]) } : {}),
    });
  };
  return html`<section class="rows changed" aria-label="samples" aria-busy=${isLoading}>
    <header class="rowshead"><b>${title}</b><span class="dim">by change of ${by}</span><span class="grow" /><span class="count">
      <b>${value ? count(value.total) : '…'}</b> samples</span>
      <button type="button" disabled=${!value?.total} onClick=${() => openAll('samples')}>Open in samples</button>
        <button type="button" disabled=${!value?.total} onClick=${() => openAll('review')}>Review</button></header>
    <${Failure} error=${error} />
    <div class="scroll">
      <div class="tiles flow">${value?.samples.map((each) => html`<${ChangedTile} key=${each.after} sample=${each} />`)}</div>
      ${
        value &&
        value.samples.length < Math.min(value.total, 1000) &&
        html`<button type="button"
        onClick=${showMore}>more</button>`
      }
      ${value?.total === 0 && html`<${Empty} title="None">No sample is ${pair ? 'both' : title.toLowerCase()}.<//>`}</div>
  </section>`;
}

/** @param {{sample: import('../state/changed.js').ChangedSample}} props */
function ChangedTile({ sample }) {
  const [one, other] = [compare.before.value.value, compare.after.value.value];
  if (!one || !other) return null;
  const isOfClasses = compare.rightBy.value === 'same';
  const label = isOfClasses ? other.defaults.label : null;
  const truth = said(other, label, sample.cells);
  const [was, now] = isOfClasses
    ? [said(one, one.defaults.predicted, sample.was), said(other, other.defaults.predicted, sample.cells)]
    : [said(one, compare.changeOf.value, sample.was), said(other, compare.changeOf.value, sample.cells)];
  const wasRight = ['newly_wrong', 'stays_right'].includes(sample.verdict);
  const isRight = !['newly_wrong', 'stays_wrong', 'grew'].includes(sample.verdict);
  const { afterId, afterEpoch } = compare;
  const place = { runs: afterId.value, stream: paramNow('stream'), epoch: afterEpoch.value, row: String(sample.after) };
  return html`<a class=${`tile ${isRight ? '' : 'is-wrong'}`} href=${href(['samples'], place)}
    title=${`row ${sample.after}: ${label ? `label ${truth}, ` : ''}was ${was}, is ${now}`}>
    <div class="face"><${FaceOf} view=${other} row=${sample.after} cells=${sample.cells} />
      ${sample.change !== null && html`<span class="value">${sample.change > 0 ? '+' : ''}${digits(sample.change)}</span>`}</div>
    <div class="says">${label && html`<div class="cut">${truth}</div>`}<div class="cut"><span
      class=${isOfClasses && !wasRight ? 'wrong' : ''}>${was}</span> <span class="dim">→</span> <span class=${isRight ? '' : 'wrong'}>${now}</span></div></div></a>`;
}

/** @param {View} view @param {string | null | undefined} column @param {Cells} cells @returns {string} */
const said = (view, column, cells) =>
  cellText(
    column ? cells[column] : null,
    view.columns.find((each) => each.name === column),
  );

/** @param {{view: View, row: number, cells: Cells}} props */
function FaceOf({ view, row, cells }) {
  const { image, text } = view.defaults;
  if (image) return html`<${Picture} alt="" isLazy src=${imageSrc(view.id, row, image)} />`;
  if (text) return html`<p class="text">${cellText(cells[text], undefined)}</p>`;
  return html`<dl class="facts-short"><dt>row</dt><dd>${count(row)}</dd>${factsOf(view).map(
    (column) =>
      html`<dt key=${`${column.name} name`}>${titleOf(column)}</dt><dd key=${column.name}>${cellText(cells[column.name], column)}</dd>`,
  )}</dl>`;
}
