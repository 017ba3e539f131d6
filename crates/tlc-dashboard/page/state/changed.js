/** Samples whose prediction changed, or did not: those of a verdict, or of a pair of predictions. */
import { computed, effect, signal } from '@preact/signals';
import { post } from '../api.js';
import { after, before, changeOf, comparison, pair, question, verdict } from './comparing.js';
import { loaded } from './loaded.js';

/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Verdict} Verdict */
/** @typedef {import('./types.js').Cell} Cell */

const PAGE = 60;
const MOST_AT_ONCE = 1000;

/** How many of the list are shown. */
const shown = signal(PAGE);
export const showMore = () => {
  shown.value += PAGE;
};

/** @typedef {{before: number, after: number, verdict: Verdict, change: number | null, cells: Record<string, Cell>, was: Record<string, Cell>}} ChangedSample */

/** Which samples are listed: those of a pair of predictions, or else of a verdict; and how many there are. */
const listing = computed(() => {
  const asked = question.value;
  const { value } = comparison.value;
  const [one, other] = [before.value.value, after.value.value];
  if (!asked || !value || !one || !other) return null;
  const chosen = pair.value;
  if (!chosen)
    return { body: { ...asked, verdict: verdict.value }, total: value.counts[verdict.value] ?? 0, isBest: isBest(verdict.value) };
  const body = {
    ...asked,
    before: { view: one.id, filters: predictedAs(one, chosen[0]) },
    after: { view: other.id, filters: predictedAs(other, chosen[1]) },
  };
  const moved = value.moved.find((each) => each.before === chosen[0] && each.after === chosen[1]);
  return { body, total: moved?.samples ?? 0, isBest: false };
});

const FACTS = 4;
/** @param {View} view @returns {import('./types.js').Column[]} what tells rows apart that are neither seen nor read */
export const factsOf = ({ columns, defaults: { image, text, label, predicted } }) =>
  image || text
    ? []
    : columns
        .filter(
          (column) =>
            column.is_of_table && column.visible && !column.shows && column.role !== 'id' && ![label, predicted].includes(column.name),
        )
        .slice(0, FACTS);

/** @param {View} view @param {string} name @returns {import('./types.js').Filter[]} */
function predictedAs(view, name) {
  const column = view.columns.find((each) => each.name === view.defaults.predicted);
  const ids = (column?.classes ?? []).filter((each) => each.name === name).map((each) => each.id);
  return column ? [{ type: 'classes', column: column.name, ids }] : [];
}

/** Samples of the verdict or of the pair that is chosen, those that changed most first. @type {ReturnType<typeof loaded<{total: number, samples: ChangedSample[]}>>} */
export const changed = loaded(
  () => {
    const list = listing.value;
    if (!list) return null;
    const body = { ...list.body, page: pageOf(list, shown.value) };
    return { key: JSON.stringify(body), ask: () => fetchSamples(body, list.isBest) };
  },
  { keep: (one, other) => listName(one) === listName(other) },
);

/** @param {{total: number, isBest: boolean}} list @param {number} wanted @returns {{start: number, len: number}} */
function pageOf({ total, isBest }, wanted) {
  const len = Math.min(wanted, total, MOST_AT_ONCE);
  return { start: isBest ? total - len : 0, len };
}

/** @param {string} key @returns {string} what is listed, however much of it */
function listName(key) {
  const { page: _, ...rest } = JSON.parse(key);
  return JSON.stringify(rest);
}

/** @param {Verdict} which the server lists those whose value grew most first; of these the others matter */
const isBest = (which) => which === 'newly_right' || which === 'fell';

/** @param {any} body @param {boolean} isTurned the last come first @returns {Promise<{total: number, samples: ChangedSample[]}>} */
async function fetchSamples(body, isTurned) {
  const found = /** @type {import('./types.js').Comparison} */ (await post('compare', body));
  const samples = isTurned ? found.samples.toReversed() : found.samples;
  const [was, cells] = await Promise.all([
    cellsOf(
      before.peek().value,
      samples.map((each) => each.before),
    ),
    cellsOf(
      after.peek().value,
      samples.map((each) => each.after),
    ),
  ]);
  return {
    total: found.total,
    samples: samples.map((each) => ({ ...each, was: was.get(each.before) ?? {}, cells: cells.get(each.after) ?? {} })),
  };
}

/** @param {View | null} view @param {number[]} rows @returns {Promise<Map<number, Record<string, Cell>>>} */
async function cellsOf(view, rows) {
  if (!view || rows.length === 0) return new Map();
  const { label, predicted, text } = view.defaults;
  const told = /** @type {string[]} */ ([label, predicted, text, changeOf.peek()].filter((name) => typeof name === 'string'));
  const columns = [...new Set([...told, ...factsOf(view).map((column) => column.name)])];
  const { page } = /** @type {import('./types.js').Answer} */ (
    await post(`views/${view.id}/query`, { filters: [{ type: 'rows', rows }], page: { start: 0, len: rows.length, columns } })
  );
  return new Map(
    (page?.rows ?? []).map((row, at) => [row, Object.fromEntries(columns.map((name) => [name, page?.cells[name]?.[at] ?? null]))]),
  );
}

/** @returns {Promise<number[]>} rows of the side after that are listed, up to a thousand */
export async function rowsListed() {
  const list = listing.peek();
  if (!list) return [];
  const found = /** @type {import('./types.js').Comparison} */ (
    await post('compare', { ...list.body, page: pageOf(list, MOST_AT_ONCE) })
  );
  return found.samples.map((each) => each.after);
}

let seen = '';
effect(() => {
  const now = `${verdict.value} ${JSON.stringify(pair.value)} ${JSON.stringify(question.value)}`;
  if (now !== seen) shown.value = PAGE;
  seen = now;
});
