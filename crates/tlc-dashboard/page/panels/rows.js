/** Rows: a grid of samples or a table, with the count, the order and what can be done to them. */
import { useEffect, useRef } from 'preact/hooks';
import * as actions from '../state/actions.js';
import { matching } from '../state/answer.js';
import { toggleCharts } from '../state/charts.js';
import { canWriteLabel, canWriteWeight, editError } from '../state/edits.js';
import { SIZES, face, setTileSize, tileSize } from '../state/face.js';
import { areFiltersShown, toggleFilters } from '../state/panes.js';
import { isStale, rowAt, rowsError, total } from '../state/rows.js';
import { clearSelected, cursor, isLarge, notInLink, openRow, openSample, revealed, selected, selectedRows, toggleSelected } from '../state/selection.js';
import { param, setParams } from '../state/url.js';
import { columnOf, defaults, filters, order, setFilters, setOrder, stepEpoch, viewNow } from '../state/view.js';
import { Choice, Empty, Failure, Menu, Pick, closeMenu } from '../widgets/basics.js';
import { count, titleOf } from '../widgets/format.js';
import { useKeys } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { toggleFindings } from './findings.js';
import { Grid } from './grid.js';
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
  const names = (viewNow.value?.columns ?? []).filter((column) => column.kind !== 'other' && !column.shows);
  return html`<header class="rowshead">
    <button type="button" class="quiet icon" aria-label="filters" aria-pressed=${areFiltersShown.value}
      title=${`${areFiltersShown.value ? 'hide' : 'show'} the filters (shift+f)`} onClick=${toggleFilters}>${areFiltersShown.value ? '⇤' : '⇥'}</button>
    <${Choice} label="how rows are shown" value=${isGrid ? 'grid' : 'table'} choices=${[
      ['grid', 'Grid'],
      ['table', 'Table'],
    ]} onChoose=${(/** @type {string} */ next) => setParams({ m: next })} />
    <span class="row sort"><${Pick} label="sorted by" value=${by?.column ?? ''}
      choices=${[['', 'row'], ...names.map((column) => [column.name, titleOf(column)])]}
      onChoose=${(/** @type {string} */ name) => setOrder(name ? [{ column: name, descending: columnOf(name)?.kind === 'number' }] : [])} />
      ${by && html`<button type="button" class="quiet icon" aria-label="turn the order around" title="turn the order around"
        onClick=${() => setOrder([{ ...by, descending: !by.descending }])}>${by.descending ? '↓' : '↑'}</button>`}</span>
    ${isGrid ? html`<input type="range" min=${SIZES.least} max=${SIZES.most} step=${SIZES.step}
      value=${tileSize.value} aria-label="size of the tiles" title="size of the tiles (- and +)"
      onInput=${(/** @type {any} */ event) => setTileSize(Number(event.target.value))} />` : html`<${TableColumns} />`}
    <span class="grow" />
    <span class="count" aria-live="polite">
      <b>${match === null ? '…' : count(match)}</b> ${isFiltered ? html`<span class="dim">of ${count(rows)}</span> <button type="button" class="link" title="clear all filters (x)"
      onClick=${() => setFilters([])}>clear</button>` : 'rows'}</span>
    <${Actions} />
  </header>`;
}

function Actions() {
  const chosen = selectedRows.value.length;
  const { label, predicted } = defaults.value;
  const canAccept = canWriteLabel.value && Boolean(predicted);
  const classes = columnOf(label)?.classes ?? [];
  return html`
    ${chosen > 0 && html`<button type="button" class="link"
      title=${`clear the selection (x)${isLarge.value ? '; a link to this page does not hold it, it is too large' : ''}`}
      onClick=${clearSelected}>${count(chosen)} selected ×</button>`}
    ${notInLink.value > 0 && html`<button type="button" class="quiet" title="so many do not fit into a link; filters do"
      onClick=${clearSelected}>${count(notInLink.value)} selected, not in this link ×</button>`}
    ${chosen > 0 && canAccept && html`<button type="button" onClick=${() => actions.acceptPrediction()}>Accept prediction <kbd>a</kbd>
      </button>`}
    ${
      chosen > 0 &&
      canWriteLabel.value &&
      html`<${Menu} name=${html`Set label <kbd>l</kbd>`} buttonClass="button labelmenu" align="right">${classes.map(
        (each) =>
          html`<button type="button" key=${each.id} onClick=${(/** @type {Event} */ event) => {
            closeMenu(event);
            actions.setLabel(each.id);
          }}>${each.name}</button>`,
      )}<//>`
    }
    ${chosen > 0 && canWriteWeight.value && html`<button type="button" onClick=${() => actions.weightZero()}>Weight 0 <kbd>w</kbd>
      </button>`}
    ${chosen === 0 && matching.value !== null && matching.value > 0 && (canWriteLabel.value || canWriteWeight.value) && html`<${AllMatching} canAccept=${canAccept}
      classes=${classes} />`}
    <button type="button" onClick=${actions.review} disabled=${matching.value === 0}>Review <kbd>r</kbd></button>`;
}

/** @param {{canAccept: boolean, classes: import('../state/types.js').Class[]}} props */
function AllMatching({ canAccept, classes }) {
  const match = count(matching.value ?? 0);
  const act = (/** @type {() => void} */ what) => (/** @type {Event} */ event) => {
    closeMenu(event);
    what();
  };
  return html`<${Menu} name=${html`All ${match} <i class="down" />`} buttonClass="button" align="right"
    label=${`what to do with all ${match} rows`}>
    ${canAccept && html`<button type="button"
      onClick=${act(() => actions.acceptPrediction('matching'))}>Accept the prediction of all ${match}</button>`}
    ${canWriteWeight.value && html`<button type="button"
      onClick=${act(() => actions.weightZero('matching'))}>Weight 0 for all ${match}</button>`}
    ${canWriteLabel.value && html`<h3>Label of all ${match}</h3>${classes.slice(0, 100).map((each) => html`<button type="button" key=${each.id}
      onClick=${act(() => actions.setLabel(each.id, 'matching'))}>${each.name}</button>`)}`}
  <//>`;
}

/**
 * @param {{current: import('../widgets/virtual.js').Scroller | null}} scroller @param {{current: number}} lanes @param {boolean} isGrid
 */
function useRowKeys(scroller, lanes, isGrid) {
  const across = isGrid ? 1 : 0;
  const down = () => (isGrid ? lanes.current : 1);
  const move = (/** @type {number} */ by) => {
    const last = (total.peek() ?? 1) - 1;
    cursor.value = Math.min(Math.max(cursor.peek() + by, 0), last);
    scroller.current?.show(Math.floor(cursor.peek() / down()));
    const row = rowAt(cursor.peek())?.row;
    if (openRow.peek() !== null && row !== undefined) openSample(row);
  };
  const page = () => down() * (scroller.current?.lines() ?? 1);
  useKeys({
    arrowright: () => move(across || 1),
    arrowleft: () => move(-(across || 1)),
    arrowdown: () => move(down()),
    arrowup: () => move(-down()),
    pagedown: () => move(page()),
    pageup: () => move(-page()),
    home: () => move(-Infinity),
    end: () => move(Infinity),
    space: () => {
      const row = actions.rowOfKeys();
      if (row !== null) toggleSelected(row);
    },
    enter: () => {
      const row = rowAt(cursor.peek())?.row;
      if (row !== undefined) openSample(row);
    },
    escape: () => {
      if (openRow.peek() !== null) openSample(null);
      else clearSelected();
    },
    x: () => {
      if (selected.peek().size) clearSelected();
      else setFilters([]);
    },
    g: () => setParams({ m: isGrid ? 'table' : 'grid' }),
    c: toggleCharts,
    f: toggleFindings,
    'shift+f': toggleFilters,
    r: actions.review,
    a: () => actions.acceptPrediction(),
    w: () => actions.weightZero(),
    u: actions.undo,
    'shift+u': actions.redo,
    l: () => {
      const row = actions.rowOfKeys();
      if (selected.peek().size === 0 && row !== null) toggleSelected(row);
      requestAnimationFrame(() => {
        const menu = document.querySelector('.labelmenu');
        if (menu instanceof HTMLElement) menu.click();
      });
    },
    '[': () => stepEpoch(-1),
    ']': () => stepEpoch(1),
    '-': () => setTileSize(tileSize.peek() - SIZES.step * 2),
    '+': () => setTileSize(tileSize.peek() + SIZES.step * 2),
    '=': () => setTileSize(tileSize.peek() + SIZES.step * 2),
    'ctrl+enter': () => {
      actions.isCommitting.value = true;
    },
  });
  useEffect(() => {
    if (revealed.value) scroller.current?.show(Math.floor(revealed.value.place / down()));
  }, [revealed.value]);
  useEffect(() => {
    cursor.value = 0;
  }, [JSON.stringify([filters.value, order.value])]);
}
