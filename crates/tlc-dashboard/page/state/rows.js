/** Rows in the order that a person looks at them, fetched by pages as they come in sight. */
import { computed, effect, signal } from '@preact/signals';
import { post } from '../api.js';
import { answer, isBookkeeping } from './answer.js';
import { facts } from './face.js';
import { wantImages } from './images.js';
import { boxColumns } from './overlays.js';
import { sequenceColumns } from './tokens.js';
import { param } from './url.js';
import { columnOf, defaults, growth, order, sentFilters, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {{row: number, cells: Record<string, Cell>}} Shown */

const PAGE = 120;
const MOST_PAGES = 200;

/** @typedef {ReturnType<typeof listing>} Listing */

/** Raised when rows came. */
const arrivals = signal(0);
/** @type {import('@preact/signals').Signal<Listing | null>} */
const current = signal(null);
/** @type {import('@preact/signals').Signal<import('../api.js').ApiError | null>} */
export const rowsError = signal(null);

const chosen = param('cols');

/** Columns of the table that are shown, in order. @type {import('@preact/signals').ReadonlySignal<string[]>} */
export const tableColumns = computed(() => {
  if (chosen.value !== null) return chosen.value.split(',').filter((name) => columnOf(name));
  const { image, text, label, predicted, confidence, loss } = defaults.value;
  const first = [image, text, label, predicted, confidence, loss].filter((name) => typeof name === 'string' && columnOf(name));
  const rest = (viewNow.value?.columns ?? [])
    .filter((column) => column.visible && !isBookkeeping(column) && (!column.shows || column.shows === 'image'))
    .map((column) => column.name);
  return [...new Set([.../** @type {string[]} */ (first), ...rest])].slice(0, 12);
});

/** Columns whose cells are fetched: what tiles and the table show, not images. */
const fetched = computed(() => {
  const { label, predicted, confidence, loss, text, weight } = defaults.value;
  const told = [label, predicted, confidence, loss, text, weight, ...order.value.map((each) => each.column)];
  const names = [...told, ...tableColumns.value, ...facts.value.map((column) => column.name)];
  const plain = names.filter((name) => name && columnOf(name) && columnOf(name)?.kind !== 'other' && !columnOf(name)?.shows);
  return [...new Set([...plain.map(String), ...boxColumns.value, ...sequenceColumns.value])];
});

const key = computed(() =>
  viewId.value ? JSON.stringify([viewId.value, growth.value, sentFilters.value, order.value, fetched.value]) : null,
);

/** What is in sight, so that a new listing begins with it. */
let sight = [0, 60];

effect(() => {
  const now = key.value;
  if (!now) {
    current.value = null;
    return;
  }
  const id = String(viewId.peek());
  const before = current.peek();
  const isSame = before !== null && sameRows(before.key, now);
  const next = listing(now, id, { filters: sentFilters.peek(), order: order.peek() }, fetched.peek(), () => {
    if (key.peek() !== now) return;
    if (current.peek() !== next) current.value = next;
    arrivals.value += 1;
  });
  next.want(isSame ? sight[0] : 0, isSame ? sight[1] : sight[1] - sight[0]);
});

/** How many rows there are in the listing that is shown; null before the first. */
export const total = computed(() => {
  arrivals.value;
  return current.value?.count() ?? null;
});
/** Says another value when other rows are shown: lists go to their start. */
export const listingKey = computed(() => (current.value ? JSON.stringify(JSON.parse(current.value.key).slice(2, 4)) : ''));
/** Whether what is shown is of before. */
export const isStale = computed(() => current.value !== null && current.value.key !== key.value);

/** How many rows match, by whichever answer comes first: that of the rows does not wait for histograms. */
export const matching = computed(() => (isStale.value ? answer.value.value?.count : total.value) ?? null);

/** @param {number} place @returns {Shown | null} the row at a place of the order, when it is here */
export function rowAt(place) {
  arrivals.value;
  return current.value?.at(place) ?? null;
}

/** @param {number} first @param {number} end */
export function wantRows(first, end) {
  sight = [first, end];
  current.peek()?.want(first, end);
}

/** @param {number} row @returns {Promise<number | null>} its place in the order, when it is in it */
export async function placeOf(row) {
  const question = { filters: sentFilters.peek(), order: order.peek(), row, by: 0 };
  const step = /** @type {import('./types.js').Step | null} */ (await post(`views/${viewId.peek()}/step`, question).catch(() => null));
  return step?.row === row ? step.place : null;
}

/**
 * @param {string} name @param {string} id @param {{filters: import('./types.js').Filter[], order: import('./types.js').OrderBy[]}} question
 * @param {string[]} columns @param {() => void} onCome
 */
function listing(name, id, question, columns, onCome) {
  /** @type {Map<number, import('./types.js').Page | null>} */
  const pages = new Map();
  /** @type {number | null} */
  let rows = null;
  let inSight = [0, 0];
  const fetchPage = async (/** @type {number} */ page) => {
    pages.set(page, null);
    try {
      const found = /** @type {import('./types.js').Answer} */ (
        await post(`views/${id}/query`, { ...question, page: { start: page * PAGE, len: PAGE, columns } })
      );
      rows = found.count;
      pages.set(page, found.page ?? null);
      const { image } = defaults.peek();
      // On their way while the rows are drawn.
      if (image && found.page) wantImages(id, found.page.rows.filter((_, at) => isInSight(page * PAGE + at)), image);
      rowsError.value = null;
      for (const old of [...pages.keys()].slice(0, Math.max(0, pages.size - MOST_PAGES))) pages.delete(old);
      onCome();
    } catch (error) {
      pages.delete(page);
      if (key.peek() === name) rowsError.value = /** @type {any} */ (error);
    }
  };
  const isInSight = (/** @type {number} */ place) => inSight[0] <= place && place < inSight[1];
  return {
    key: name,
    count: () => rows,
    /** @param {number} place @returns {Shown | null} */
    at(place) {
      const page = pages.get(Math.floor(place / PAGE));
      const at = place % PAGE;
      if (!page || at >= page.rows.length) return null;
      return { row: page.rows[at], cells: Object.fromEntries(Object.entries(page.cells).map(([column, cells]) => [column, cells[at]])) };
    },
    /** @param {number} first @param {number} end */
    want(first, end) {
      inSight = [first, end];
      const last = rows === null ? end : Math.min(end, rows);
      for (let page = Math.floor(first / PAGE); page * PAGE < Math.max(last, first + 1); page += 1) if (!pages.has(page)) fetchPage(page);
    },
  };
}

/** @param {string} a @param {string} b */
function sameRows(a, b) {
  return JSON.stringify(JSON.parse(a).slice(2, 4)) === JSON.stringify(JSON.parse(b).slice(2, 4));
}
