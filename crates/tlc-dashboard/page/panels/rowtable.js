/** Rows as a table, to the last of ten million. */
import { pendingOf } from '../state/edits.js';
import { imageSrc } from '../state/images.js';
import { listingKey, rowAt, tableColumns, total } from '../state/rows.js';
import { cursor, hovered, openRow, selected, toggleSelected } from '../state/selection.js';
import { told } from '../state/tiles.js';
import { setParams, toggled } from '../state/url.js';
import { columnOf, defaults, order, sortBy, viewId, viewNow } from '../state/view.js';
import { Menu } from '../widgets/basics.js';
import { cellText, count, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Picture } from '../widgets/picture.js';
import { Virtual } from '../widgets/virtual.js';
import { pick } from './grid.js';
import { Sight, places } from './sight.js';

/** @typedef {import('../state/types.js').Column} Column */

const LINE = 28;
const FIRST = 112;

/** @param {Column} column */
const widthOf = (column) => Math.max(usualWidth(column), Math.ceil(titleOf(column).length * 7.4) + (column.shows === 'image' ? 30 : 36));

/** @param {Column} column */
const usualWidth = (column) =>
  column.shows === 'image' ? 48 : column.kind === 'text' ? 240 : column.kind === 'class' ? 136 : column.kind === 'moment' ? 160 : 112;

/** @param {{scroller: any}} props */
export function RowTable({ scroller }) {
  const rows = total.value;
  const columns = tableColumns.value.map((name) => columnOf(name)).filter((column) => column !== undefined);
  const width = columns.reduce((sum, column) => sum + widthOf(column), FIRST);
  const header = html`<div class="line head" role="row"><span class="cell number" role="columnheader"
    style=${{ width: `${FIRST}px` }}>row</span>${columns.map((column) => html`<${Head} key=${column.name} column=${column} />`)}</div>`;
  const draw = (/** @type {number} */ first, /** @type {number} */ end) => {
    return html`<${Sight} first=${first} end=${end} />${places(first, end).map(
      (place) => html`<${Line} key=${place} place=${place}
      columns=${columns} />`,
    )}`;
  };
  return html`<div class="tableroom"><${Virtual} role="table" lines=${rows ?? 20}
    height=${LINE} width=${`max(100%, ${width}px)`} header=${header} headerHeight=${LINE} startKey=${listingKey.value}
    scroller=${scroller} label="samples" draw=${draw} /></div>`;
}

/** @param {{column: Column}} props */
function Head({ column }) {
  const by = order.value.find((each) => each.column === column.name);
  const canSort = column.kind !== 'other' && !column.shows;
  const name = html`<span>${titleOf(column)}</span>${by && html`<i class="arrow">${by.descending ? '↓' : '↑'}</i>`}`;
  return html`<span class=${`cell ${column.kind === 'number' ? 'number' : ''}`} role="columnheader"
    aria-sort=${by ? (by.descending ? 'descending' : 'ascending') : 'none'} style=${{ width: `${widthOf(column)}px` }}
    title=${`${column.name}${column.description ? `: ${column.description}` : ''}`}>
    ${canSort ? html`<button type="button" class="head" onClick=${() => sortBy(column.name)}>${name}</button>` : name}</span>`;
}

/** @param {{place: number, columns: Column[]}} props */
function Line({ place, columns }) {
  const shown = rowAt(place);
  if (!shown)
    return html`<div class="line is-empty" role="row" style=${{ height: `${LINE}px` }}><span class="cell" role="cell"
      style=${{ width: `${FIRST}px` }} /></div>`;
  const { row, cells } = shown;
  const says = told(row, cells);
  const changed = pendingOf(row);
  const classes = [
    'line',
    selected.value.has(row) && 'is-selected',
    cursor.value === place && 'is-cursor',
    openRow.value === row && 'is-open',
    says.isLeftOut && 'is-out',
  ]
    .filter(Boolean)
    .join(' ');
  const cell = (/** @type {Column} */ column) => {
    const style = { width: `${widthOf(column)}px` };
    if (column.shows === 'image')
      return html`<span class="cell" role="cell" key=${column.name} style=${style} onPointerEnter=${(/** @type {PointerEvent} */ event) => {
        hovered.value = { row, x: event.clientX, y: event.clientY };
      }} onPointerLeave=${() => {
        hovered.value = null;
      }}><${Picture} alt="" isLazy src=${imageSrc(viewId.value ?? '', row, column.name)} /></span>`;
    const isChanged = column.name in changed;
    const value = isChanged ? changed[column.name] : cells[column.name];
    const isWrong = says.isWrong && column.name === defaults.value.predicted;
    const isNone = value === null || value === undefined;
    return html`<span
      class=${`cell ${column.kind === 'number' ? 'number' : ''} ${isWrong ? 'wrong' : ''} ${isChanged ? 'accent' : ''} ${isNone ? 'none' : ''}`} key=${column.name} role="cell"
      style=${style}
      title=${isNone ? 'missing' : column.kind === 'number' ? String(value) : cellText(value, column)}>${cellText(value, column)}</span>`;
  };
  return html`<div class=${classes} role="row" aria-selected=${selected.value.has(row)} style=${{ height: `${LINE}px` }}
    onClick=${(/** @type {MouseEvent} */ event) => pick(event, place, row)}>
    <span class="cell number dim" role="cell" style=${{ width: `${FIRST}px` }}><input type="checkbox" tabindex="-1" aria-label=${`select row ${row}`}
      checked=${selected.value.has(row)} onClick=${(/** @type {Event} */ event) => event.stopPropagation()} onChange=${() => {
        cursor.value = place;
        toggleSelected(row);
      }} />${count(row)}</span>
    ${columns.map(cell)}
  </div>`;
}

/** Which columns the table shows. */
export function TableColumns() {
  const all = (viewNow.value?.columns ?? []).filter(
    (column) => !['embedding', 'mask', 'bytes', 'struct', 'list'].includes(column.shows ?? ''),
  );
  const now = tableColumns.value;
  const toggle = (/** @type {string} */ name) => setParams({ cols: toggled(now, name) || 'none' });
  return html`<${Menu} name="columns">${all.map(
    (column) => html`<label class="item" key=${column.name}
    title=${column.description ?? column.name}><input type="checkbox" checked=${now.includes(column.name)}
    onChange=${() => toggle(column.name)} />${titleOf(column)}</label>`,
  )}<//>`;
}
