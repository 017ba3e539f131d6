/** The first rows of a table, so that one sees what it holds. */
import { post } from '../api.js';
import { viewOfTable } from '../state/catalog.js';
import { imageSrc } from '../state/images.js';
import { loaded } from '../state/loaded.js';
import { href } from '../state/url.js';
import { Failure } from '../widgets/basics.js';
import { cellText, count, titleOf } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { Picture } from '../widgets/picture.js';

/** @typedef {import('../state/types.js').View} View */
/** @typedef {import('../state/types.js').Page} Page */
/** @typedef {{view: View, page: Page, columns: import('../state/types.js').Column[]}} First */

const IMAGES = 48;
const LINES = 16;
const COLUMNS = 8;

/** @param {{table: import('../state/types.js').Table}} props */
export function Preview({ table }) {
  const first = useLoaded(() => loaded(() => ({ key: table.id, ask: (signal) => firstRows(table.id, signal) })), [table.id]);
  const { value, error } = first.value;
  return html`<section class="preview" aria-label="its first rows"><div class="row head"><b>First rows</b><span class="grow" />
      <span class="dim">${value && value.page.rows.length < table.rows ? `${count(value.page.rows.length)} of ${count(table.rows)}` : ''}</span></div>
    <${Failure} error=${error} onAgain=${first.again} />
    ${!value && !error && html`<div class="skeleton pad" aria-label="loading">${[0, 1, 2].map((each) => html`<i key=${each} />`)}</div>`}
    ${value && (value.view.defaults.image ? html`<${Images} table=${table.id} first=${value} />` : html`<${Lines} table=${table.id} first=${value} />`)}</section>`;
}

/** @param {string} table @param {AbortSignal} signal @returns {Promise<First>} */
async function firstRows(table, signal) {
  const view = await viewOfTable(table, signal);
  const columns = view.columns
    .filter((column) => column.is_of_table && column.visible && !column.shows && column.kind !== 'other')
    .slice(0, COLUMNS);
  const page = { start: 0, len: view.defaults.image ? IMAGES : LINES, columns: columns.map((column) => column.name) };
  const answer = /** @type {import('../state/types.js').Answer} */ (
    await post(`views/${view.id}/query`, { filters: [], page }, { signal })
  );
  return { view, columns, page: answer.page ?? { start: 0, rows: [], cells: {} } };
}

/** @param {string} table @param {number} row */
const addressOf = (table, row) => href(['samples'], { tables: table, row: String(row) });

/** @param {{table: string, first: First}} props */
function Images({ table, first: { view, page } }) {
  const { image, label } = view.defaults;
  const column = view.columns.find((each) => each.name === label);
  const said = (/** @type {number} */ at) => (column ? cellText(page.cells[column.name]?.[at], column) : '');
  return html`<div class="tiles flow">${page.rows.map(
    (row, at) => html`<a class="tile" key=${row} href=${addressOf(table, row)} title=${`row ${row}`}><div class="face"><${Picture}
      alt=${`row ${row} ${said(at)}`} isLazy src=${imageSrc(view.id, row, String(image))} /></div><div class="says cut">${said(at)}</div></a>`,
  )}</div>`;
}

/** @param {{table: string, first: First}} props */
const Lines = ({
  table,
  first: { columns, page },
}) => html`<div class="scroll-x" tabindex="0" role="region" aria-label="first rows"><table class="list dense">
  <thead><tr><th class="number">row</th>${columns.map((column) => html`<th key=${column.name} class=${column.kind === 'number' ? 'number' : ''}>${titleOf(column)}</th>`)}</tr></thead>
  <tbody>${page.rows.map(
    (row, at) =>
      html`<tr key=${row}><td class="number"><a href=${addressOf(table, row)}>${count(row)}</a></td>${columns.map((column) => {
        const cell = page.cells[column.name]?.[at];
        return html`<td key=${column.name} class=${column.kind === 'number' ? 'number' : ''} title=${String(cell ?? 'missing')}>${cellText(cell, column)}</td>`;
      })}</tr>`,
  )}</tbody></table></div>`;
