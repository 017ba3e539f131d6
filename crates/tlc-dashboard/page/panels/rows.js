/** Rows: a grid of samples or a table, with the count, the order and what can be done to them. */
import { useRef } from 'preact/hooks';
import { editError } from '../state/edits.js';
import { SIZES, face, setTileSize, tileSize } from '../state/face.js';
import { panes } from '../state/panes.js';
import { isStale, matching, rowsError, total } from '../state/rows.js';
import { param, setParams } from '../state/url.js';
import { columnOf, filters, order, setFilters, setOrder, viewNow } from '../state/view.js';
import { Choice, Empty, Failure, Pick } from '../widgets/basics.js';
import { count, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Grid } from './grid.js';
import { Actions } from './rowactions.js';
import { useRowKeys } from './rowkeys.js';
import { RowTable, TableColumns } from './rowtable.js';

const mode = param('m');

const modeNow = () => mode.value ?? (face.value === 'image' ? 'grid' : 'table');

export function Rows() {
  const scroller = useRef(/** @type {import('../widgets/virtual.js').Scroller | null} */ (null));
  const lanes = useRef(1);
  const isGrid = modeNow() === 'grid';
  useRowKeys(scroller, lanes, isGrid);
  const rows = total.value;
  return html`<section class=${`rows ${isStale.value ? 'is-stale' : ''}`} aria-label="rows" aria-busy=${isStale.value}>
    <${Head} isGrid=${isGrid} />
    <${Failure} error=${editError.value ?? rowsError.value} />
    ${
      rows === 0
        ? html`<${Empty} title=${filters.value.length ? 'No row passes these filters' : 'Rows will be here'}>${
            filters.value.length
              ? html`<button type="button" onClick=${() => setFilters([])}>Clear the filters <kbd>x</kbd></button>`
              : 'As soon as the run collects from samples, they show here.'
          }<//>`
        : isGrid
          ? html`<${Grid} scroller=${scroller} lanes=${lanes} />`
          : html`<${RowTable} scroller=${scroller} />`
    }
  </section>`;
}

/** @param {{isGrid: boolean}} props */
function Head({ isGrid }) {
  const rows = viewNow.value?.rows ?? 0;
  const match = matching.value;
  const isFiltered = filters.value.length > 0;
  const by = order.value[0];
  const areFiltersShown = panes.filters.isShown.value;
  const names = (viewNow.value?.columns ?? []).filter((column) => column.kind !== 'other' && !column.shows);
  return html`<header class="rowshead">
    <button type="button" class="quiet icon" aria-label="filters" aria-pressed=${areFiltersShown}
      title=${`${areFiltersShown ? 'hide' : 'show'} the filters (shift+f)`} onClick=${panes.filters.toggle}>${areFiltersShown ? '⇤' : '⇥'}</button>
    <${Choice} label="how rows are shown" value=${isGrid ? 'grid' : 'table'} choices=${[
      ['grid', 'Grid'],
      ['table', 'Table'],
    ]} onChoose=${(/** @type {string} */ next) => setParams({ m: next })} />
    <span class="row sort"><${Pick} label="sorted by" value=${by?.column ?? ''}
      choices=${[['', 'row'], ...names.map((column) => [column.name, titleOf(column)])]}
      onChoose=${(/** @type {string} */ name) => setOrder(name ? [{ column: name, descending: columnOf(name)?.kind === 'number' }] : [])} />
      ${
        by &&
        html`<button type="button" class="quiet icon" aria-label="turn the order around" title="turn the order around"
        onClick=${() => setOrder([{ ...by, descending: !by.descending }])}>${by.descending ? '↓' : '↑'}</button>`
      }</span>
    ${
      isGrid
        ? html`<input type="range" min=${SIZES.least} max=${SIZES.most} step=${SIZES.step}
      value=${tileSize.value} aria-label="size of the tiles" title="size of the tiles (- and +)"
      onInput=${(/** @type {any} */ event) => setTileSize(Number(event.target.value))} />`
        : html`<${TableColumns} />`
    }
    <span class="grow" />
    <span class="count" aria-live="polite">
      <b>${match === null ? '…' : count(match)}</b> ${
        isFiltered
          ? html`<span class="dim">of ${count(rows)}</span> <button type="button" class="link" title="clear all filters (x)"
      onClick=${() => setFilters([])}>clear</button>`
          : 'rows'
      }</span>
    <${Actions} />
  </header>`;
}
