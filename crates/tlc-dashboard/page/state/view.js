/** The rows that are looked at: of which runs or tables, under which filters, in which order. */
import { computed, effect, signal } from '@preact/signals';
import { get, post } from '../api.js';
import { projectOfView } from './catalog.js';
import { loaded } from './loaded.js';
import { onLive, onOpen } from './live.js';
import { listOf, param, paramNow, path, setParams } from './url.js';

/** @typedef {import('./types.js').Filter} Filter */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').OrderBy} OrderBy */

const runIds = param('runs');
const tableIds = param('tables');
const stream = param('stream');
const epoch = param('epoch');
const derivedText = param('d');
const filterText = param('f');
const orderText = param('o');

/** Columns that are computed of others. @type {import('@preact/signals').ReadonlySignal<import('./types.js').Derived[]>} */
export const derived = computed(() => parse(derivedText.value, []));

/** @returns {Record<string, string | null>} which rows are looked at, for the address of another room */
export const rowsNow = () =>
  Object.fromEntries(['runs', 'tables', 'stream', 'epoch', 'd', 'f', 'o'].map((name) => [name, paramNow(name)]));

/** What the view is made of, as the address says it. */
export const source = computed(() => {
  const isHere = path.value[0] === 'samples' || path.value[0] === 'review';
  if (!isHere || !(runIds.value || tableIds.value)) return null;
  return {
    runs: listOf(runIds.value),
    tables: listOf(tableIds.value),
    ...(stream.value ? { stream: stream.value } : {}),
    ...(derived.value.length ? { derived: derived.value } : {}),
    epochs: epoch.value === 'all' ? 'all' : epoch.value ? Number(epoch.value) : 'last',
  };
});

/** @type {ReturnType<typeof loaded<View>>} */
export const view = loaded(
  () => source.value && { key: JSON.stringify(source.value), ask: (signal) => post('views', source.peek(), { signal }) },
  { keep: (before, after) => rowsOf(before) === rowsOf(after) },
);

/** @type {import('@preact/signals').ReadonlySignal<View | null>} */
export const viewNow = computed(() => view.value.value);
export const viewId = computed(() => viewNow.value?.id ?? null);
/** @type {import('@preact/signals').ReadonlySignal<import('./types.js').Defaults>} */
export const defaults = computed(() => viewNow.value?.defaults ?? { points: [] });
const columnsByName = computed(() => new Map((viewNow.value?.columns ?? []).map((column) => [column.name, column])));

/** @param {string | null | undefined} name */
export const columnOf = (name) => (name ? columnsByName.value.get(name) : undefined);

/** The run that is looked at, for its name and its project. */
export const runOfView = loaded(
  () => {
    const id = path.value[0] === 'samples' || path.value[0] === 'review' ? listOf(runIds.value)[0] : undefined;
    return id ? { key: id, ask: (signal) => /** @type {Promise<import('./types.js').Run>} */ (get(`runs/${id}`, { signal })) } : null;
  },
  { keep: (before, after) => before === after },
);
export const tableOfView = loaded(
  () => {
    const id = source.value && source.value.runs.length === 0 ? source.value.tables[0] : undefined;
    return id ? { key: id, ask: (signal) => /** @type {Promise<import('./types.js').Table>} */ (get(`tables/${id}`, { signal })) } : null;
  },
  { keep: (before, after) => before === after },
);
effect(() => {
  projectOfView.value = runOfView.value.value?.project ?? tableOfView.value.value?.project ?? projectOfView.peek();
});

/** @type {import('@preact/signals').ReadonlySignal<Filter[]>} */
export const filters = computed(() => parse(filterText.value, []));
/** The order of rows: until a person says another, the worst first. @type {import('@preact/signals').ReadonlySignal<OrderBy[]>} */
export const order = computed(() => parse(orderText.value, defaults.value.loss ? [{ column: defaults.value.loss, descending: true }] : []));

/** Filters whose text the server did not understand are kept in their box, and not sent. */
export const expressionError = signal(/** @type {{text: string, message: string, position: number | null} | null} */ (null));
export const sentFilters = computed(() =>
  filters.value.filter((each) => each.type !== 'expression' || each.text !== expressionError.value?.text),
);

/** @param {Filter[]} next @param {{step?: boolean}} [options] */
export const setFilters = (next, options = { step: true }) => setParams({ f: next.length ? JSON.stringify(next) : null }, options);

/** @param {OrderBy[]} next */
export const setOrder = (next) => setParams({ o: JSON.stringify(next) }, { step: true });

/** @param {Filter[]} nextFilters @param {OrderBy[]} nextOrder */
export const setBoth = (nextFilters, nextOrder) =>
  setParams(
    { f: nextFilters.length ? JSON.stringify(nextFilters) : null, o: nextOrder.length ? JSON.stringify(nextOrder) : null },
    { step: true },
  );

/** @param {Filter['type'][]} types @param {string} column @returns {(filter: Filter) => boolean} whether it is of one of these kinds, on this column */
export const isOn = (types, column) => (filter) => types.includes(filter.type) && 'column' in filter && filter.column === column;

/** @param {Filter['type'][]} types @param {string} column @returns {Filter | undefined} */
export const filterOn = (types, column) => filters.value.find(isOn(types, column));

/**
 * Puts a filter in the place of the one of this kind on this column, or takes it away.
 *
 * @param {Filter['type'][]} types @param {string} column @param {Filter | null} next @param {{step?: boolean}} [options]
 */
export function replaceFilter(types, column, next, options) {
  const isReplaced = isOn(types, column);
  setFilters([...filters.peek().filter((each) => !isReplaced(each)), ...(next ? [next] : [])], options);
}

/** @param {Filter} filter */
export const removeFilter = (filter) => setFilters(filters.peek().filter((each) => each !== filter));

/** @param {string} column */
export function sortBy(column) {
  const now = order.peek()[0];
  const isNumber = columnOf(column)?.kind === 'number';
  if (now?.column !== column) return setOrder([{ column, descending: isNumber }]);
  if (Boolean(now.descending) === isNumber) return setOrder([{ column, descending: !isNumber }]);
  return setOrder([]);
}

/** @param {number} by steps to the epoch before or after */
export function stepEpoch(by) {
  const epochs = viewNow.value?.epochs ?? [];
  const at = epoch.value === null || epoch.value === 'all' ? epochs.length - 1 : epochs.indexOf(Number(epoch.value));
  const next = epochs[Math.min(Math.max(at + by, 0), epochs.length - 1)];
  if (next !== undefined) setEpoch(next);
}

/** @param {number} next */
export const setEpoch = (next) => setParams({ epoch: next === viewNow.value?.epochs.at(-1) ? null : String(next), sel: null });
export const epochNow = computed(() =>
  epoch.value && epoch.value !== 'all' ? Number(epoch.value) : (viewNow.value?.epochs.at(-1) ?? null),
);

/** Raised when rows were added to the view: what was drawn of it is asked for again. */
export const growth = signal(0);
onLive((event) => {
  if (event.type === 'run' && view.peek().value?.runs.some((run) => run.id === event.id)) grow();
});
onOpen(() => grow());

/** Asks for what was added to the view. */
async function grow() {
  const now = view.peek().value;
  if (!now) return;
  const grown = /** @type {View | null} */ (await post(`views/${now.id}/refresh`, {}).catch(() => null));
  if (grown) take(grown);
}

/** @param {View} grown what is looked at, with what was added to it; columns that could not be computed still cannot */
export function take(grown) {
  const before = view.peek().value;
  if (before?.id !== grown.id) return;
  view.set({ ...grown, derived_errors: before.derived_errors });
  growth.value += 1;
}

/** Opens the view again, and asks again for what is drawn of it. */
export async function reopen() {
  const now = source.peek();
  if (!now) return;
  const opened = /** @type {View | null} */ (await post('views', now).catch(() => null));
  if (!opened || source.peek() !== now) return;
  view.set(opened);
  growth.value += 1;
}

/** @param {string} key */
function rowsOf(key) {
  const { epochs: _, derived: __, ...rest } = JSON.parse(key);
  return JSON.stringify(rest);
}

/** @template T @param {string | null} text @param {T} otherwise @returns {T} */
function parse(text, otherwise) {
  if (!text) return otherwise;
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? /** @type {any} */ (value) : otherwise;
  } catch {
    return otherwise;
  }
}
