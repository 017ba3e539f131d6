/** The list of runs as a person wants it: which columns, which order, which runs, which are drawn. */
import { computed } from '@preact/signals';
import { runs } from './catalog.js';
import { listOf, param, paramNow, setParams, toggled } from './url.js';

/** @typedef {import('./types.js').Run} Run */

const DRAWN_AT_FIRST = 5;

export const words = param('q');
export const sort = param('sort');
export const focusedId = param('run');
const ticks = param('on');
const hidden = param('hide');
const chosenColumns = param('cols');

export const hiddenIds = computed(() => listOf(hidden.value));
const all = computed(() => runs.value.value ?? []);

/** Columns that there could be: parameters and last values. @type {import('@preact/signals').ReadonlySignal<{parameters: string[], keys: string[]}>} */
export const possibleColumns = computed(() => ({
  parameters: unique(all.value.flatMap((run) => Object.keys(run.parameters))),
  keys: unique(all.value.flatMap((run) => Object.keys(run.last))),
}));

/** Columns that are shown: `p:name` of parameters, `k:name` of last values. */
export const columns = computed(() => {
  if (chosenColumns.value !== null) return listOf(chosenColumns.value);
  return keysAtFirst(possibleColumns.value.keys).map((name) => `k:${name}`);
});

/** What a run is asked first: how right it is, and how far off. */
const MEASURES = [/acc|f1|auc|map|iou|dice|bleu|r2/i, /loss|perplexity|rmse|mae/i];
/** On which rows: on those that it did not learn from, before others. */
const SPLITS = [/test/i, /val|eval|dev/i, /^(?!.*train)/i, /./];

/** @param {string[]} keys @returns {string[]} the two that tell most */
function keysAtFirst(keys) {
  const rank = (/** @type {string} */ key) => SPLITS.findIndex((split) => split.test(key)) + (key.startsWith('burn_') ? 0.5 : 0);
  const best = MEASURES.flatMap((measure) =>
    keys
      .filter((key) => measure.test(key))
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, 1),
  );
  return unique([...best, ...keys]).slice(0, MEASURES.length);
}

/** Runs in the list, filtered and sorted. */
export const listed = computed(() => {
  const test = runTest(words.value ?? '');
  const out = hiddenIds.value;
  const found = all.value.filter((run) => !out.includes(run.id) && test(run));
  const [column, direction] = (sort.value ?? '').split(/ (?=\w+$)/);
  if (!column) return found;
  const sign = direction === 'down' ? -1 : 1;
  return found.toSorted((a, b) => sign * inOrder(valueOf(a, column), valueOf(b, column)));
});

/** Ids of the runs whose curves are drawn. */
export const tickedIds = computed(() => {
  if (ticks.value !== null) return listOf(ticks.value);
  return all.value
    .filter((run) => !hiddenIds.value.includes(run.id))
    .slice(0, DRAWN_AT_FIRST)
    .map((run) => run.id);
});

export const drawn = computed(() => listed.value.filter((run) => tickedIds.value.includes(run.id)));

export const focused = computed(() => listed.value.find((run) => run.id === focusedId.value) ?? listed.value[0] ?? null);

/** A run keeps its colour when others come: they are counted from the oldest. @type {import('@preact/signals').ReadonlySignal<Record<string, number>>} */
export const colorPlaces = computed(() => {
  const byAge = all.value.toSorted((a, b) => a.created - b.created);
  return Object.fromEntries(byAge.map((run, place) => [run.id, place]));
});

/** @param {string} id */
export const toggleTick = (id) => setParams({ on: toggled(tickedIds.peek(), id) || 'none' });

/** @param {string[]} ids */
export const setTicks = (ids) => setParams({ on: ids.join(',') || 'none' });
/** @param {string} id */
export const hide = (id) => setParams({ hide: [...hiddenIds.peek(), id].join(',') }, { step: true });
export const showHidden = () => setParams({ hide: null }, { step: true });
/** @param {string} id */
export const focusRun = (id) => setParams({ run: id });

/** @param {string} column */
export function sortBy(column) {
  const now = paramNow('sort');
  setParams({ sort: now === `${column} down` ? `${column} up` : now === `${column} up` ? null : `${column} down` });
}

/** @param {string} column */
export const toggleColumn = (column) => setParams({ cols: toggled(columns.peek(), column) || 'none' });

/** @param {Run} run @param {string} column @returns {unknown} */
export function valueOf(run, column) {
  if (column === 'name') return run.name;
  if (column === 'age') return run.created;
  if (column === 'status') return run.status;
  return column.startsWith('p:') ? run.parameters[column.slice(2)] : run.last[column.slice(2)];
}

/**
 * What a filter says: words in the name, and `name = value`, `name > value` and so on of parameters and last
 * values, all of which must hold.
 *
 * @param {string} text
 * @returns {(run: Run) => boolean}
 */
export function runTest(text) {
  const parts = text
    .split(/\s+and\s+|\s+(?=[\w.]+\s*(?:!=|>=|<=|=|>|<))/)
    .map((part) => part.trim())
    .filter(Boolean);
  const tests = parts.map((part) => {
    const [, name, sign, wanted] = /^([\w./-]+)\s*(!=|>=|<=|==?|>|<)\s*(.+)$/.exec(part) ?? [];
    if (!name || !sign || wanted === undefined)
      return (/** @type {Run} */ run) => `${run.name} ${run.description ?? ''} ${run.status}`.toLowerCase().includes(part.toLowerCase());
    return (/** @type {Run} */ run) =>
      compares(run.parameters[name] ?? run.last[name] ?? fieldOf(run, name), sign, wanted.replace(/^['"]|['"]$/g, ''));
  });
  return (run) => tests.every((test) => test(run));
}

/** @param {Run} run @param {string} name */
const fieldOf = (run, name) => (name === 'status' ? run.status : name === 'name' ? run.name : undefined);

/** @param {unknown} value @param {string} sign @param {string} wanted */
function compares(value, sign, wanted) {
  if (value === undefined || value === null) return false;
  const order = typeof value === 'number' ? value - Number(wanted) : String(value).localeCompare(wanted);
  if (Number.isNaN(order)) return false;
  switch (sign) {
    case '!=':
      return order !== 0;
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    default:
      return order === 0;
  }
}

/** @param {unknown} a @param {unknown} b @returns {number} */
function inOrder(a, b) {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : 1;
  if (b === undefined || b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** @param {string[]} values */
function unique(values) {
  return [...new Set(values)];
}
