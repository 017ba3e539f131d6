/** Two runs or epochs, sample by sample: which got right, which wrong. */
import { computed, effect, signal } from '@preact/signals';
import { get, post } from '../api.js';
import { projectOfView, runs } from './catalog.js';
import { loaded } from './loaded.js';
import { param, path, setParams } from './url.js';

/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Verdict} Verdict */
/** @typedef {import('./types.js').Cell} Cell */

const PAGE = 60;
const MOST_AT_ONCE = 1000;

const isHere = computed(() => path.value[0] === 'compare');
const beforeText = param('before');
const afterText = param('after');
const beforeEpochText = param('be');
export const afterEpoch = param('ae');
const verdictText = param('v');

export const afterId = computed(() => (isHere.value ? afterText.value : null));
/** When it isn't said what it is compared with: the run before it that has samples, or itself. */
export const beforeId = computed(() => {
  if (!isHere.value || beforeText.value) return isHere.value ? beforeText.value : null;
  const list = runs.value.value;
  if (!list || !afterId.value) return null;
  const at = list.findIndex((run) => run.id === afterId.value);
  const older = list.slice(at + 1).find((run) => run.streams.some((stream) => !stream.is_finding && stream.rows > 0));
  return older?.id ?? afterId.value;
});
/** @type {import('@preact/signals').ReadonlySignal<Verdict>} */
export const verdict = computed(() => /** @type {Verdict} */ (verdictText.value ?? 'newly_wrong'));
/** @param {Verdict} next */
export const setVerdict = (next) => setParams({ v: next, pair: null });

const pairText = param('pair');
/** Two predictions, the one of before and the one of now, whose samples are listed whatever became of them. @type {import('@preact/signals').ReadonlySignal<[string, string] | null>} */
export const pair = computed(() => {
  try {
    const value = JSON.parse(pairText.value ?? 'null');
    return Array.isArray(value) && value.length === 2 ? /** @type {[string, string]} */ (value.map(String)) : null;
  } catch {
    return null;
  }
});
/** @param {string} one @param {string} other chosen again, they are chosen no more */
export const choosePair = (one, other) =>
  setParams({ pair: pair.peek()?.[0] === one && pair.peek()?.[1] === other ? null : JSON.stringify([one, other]) });

const runHere = loaded(() =>
  afterId.value
    ? {
        key: afterId.value,
        ask: (stop) => /** @type {Promise<import('./types.js').Run>} */ (get(`runs/${afterId.peek()}`, { signal: stop })),
      }
    : null,
);
effect(() => {
  if (isHere.value && runHere.value.value) projectOfView.value = runHere.value.value.project;
});

const stream = param('stream');
/** Streams of the run after that could be compared. */
export const streams = computed(() => (runHere.value.value?.streams ?? []).filter((each) => !each.is_finding && each.rows > 0));
export const streamNow = computed(
  () => streams.value.find((each) => each.name === stream.value) ?? streams.value.toSorted((a, b) => b.rows - a.rows)[0] ?? null,
);

/** @param {() => string | null} run @param {() => string | null} epoch @param {() => string[] | null} beside tables @returns {ReturnType<typeof loaded<View>>} */
function side(run, epoch, beside) {
  return loaded(() => {
    const id = run();
    const tables = beside();
    if (!id || !tables || !isHere.value) return null;
    const body = { runs: [id], tables, ...(stream.value ? { stream: stream.value } : {}), epochs: epoch() ? Number(epoch()) : 'last' };
    return { key: JSON.stringify(body), ask: (stop) => post('views', body, { signal: stop }) };
  });
}
export const after = side(
  () => afterId.value,
  () => afterEpoch.value,
  () => [],
);
/** A run that is compared with itself is first compared with its first epoch. */
export const beforeEpoch = computed(() => {
  const [first, ...more] = after.value.value?.epochs ?? [];
  return beforeEpochText.value ?? (beforeId.value === afterId.value && more.length > 0 ? String(first) : null);
});
/** Whether both sides are the same epoch of the same run. */
export const areTheSame = computed(() => {
  const last = String(after.value.value?.epochs.at(-1));
  return after.value.value !== null && beforeId.value === afterId.value && (beforeEpoch.value ?? last) === (afterEpoch.value ?? last);
});
/** Beside the same tables as the side after, so that both are about the same samples, with the same labels. */
export const before = side(
  () => beforeId.value,
  () => beforeEpoch.value,
  () => after.value.value?.tables.map((table) => table.id) ?? null,
);

/** What is asked of both: the value whose change is told, and what tells whether a sample is right. */
const question = computed(() => {
  const [one, other] = [before.value.value, after.value.value];
  if (!one || !other) return null;
  const { loss, confidence, label, predicted } = other.defaults;
  const value = loss ?? confidence ?? other.columns.find((column) => column.kind === 'number')?.name;
  const flag = other.columns.find((column) => column.name === 'accuracy' || column.kind === 'flag')?.name;
  const right = label && predicted ? { type: 'same', given: label, predicted } : flag ? { type: 'flag', column: flag } : null;
  return value && right ? { before: { view: one.id, filters: [] }, after: { view: other.id, filters: [] }, by: { value, right } } : null;
});
/** The value whose change is told. */
export const changeOf = computed(() => question.value?.by.value ?? null);
/** Whether label and prediction tell what is right; a flag tells no classes. */
export const areClassesTold = computed(() => question.value?.by.right.type === 'same');
/** Why nothing can be compared, when both sides are there. */
export const isImpossible = computed(() => Boolean(before.value.value && after.value.value && !question.value));

/** @type {ReturnType<typeof loaded<import('./types.js').Comparison>>} */
export const comparison = loaded(() => {
  const asked = question.value;
  return (
    asked && { key: JSON.stringify(asked), ask: (stop) => post('compare', { ...asked, page: { start: 0, len: 0 } }, { signal: stop }) }
  );
});

/** How many of the list are shown. */
export const shown = signal(PAGE);
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
  if (!chosen) return { body: { ...asked, verdict: verdict.value }, total: value.counts[verdict.value] ?? 0, isBest: isBest(verdict.value) };
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
        .filter((column) => column.is_of_table && column.visible && !column.shows && column.role !== 'id' && ![label, predicted].includes(column.name))
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
    const len = Math.min(shown.value, list.total, MOST_AT_ONCE);
    const body = { ...list.body, page: { start: list.isBest ? list.total - len : 0, len } };
    return { key: JSON.stringify(body), ask: () => fetchSamples(body, list.isBest) };
  },
  { keep: (one, other) => listName(one) === listName(other) },
);

/** @param {string} key @returns {string} what is listed, however much of it */
function listName(key) {
  const { page: _, ...rest } = JSON.parse(key);
  return JSON.stringify(rest);
}

/** @param {Verdict} which the server lists those whose loss grew most first; of those newly right the others matter */
const isBest = (which) => which === 'newly_right';

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
  const { label, predicted, confidence, text, loss } = view.defaults;
  const told = /** @type {string[]} */ ([label, predicted, confidence, text, loss].filter((name) => typeof name === 'string'));
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
    await post('compare', { ...list.body, page: { start: 0, len: MOST_AT_ONCE } })
  );
  return found.samples.map((each) => each.after);
}

let seen = '';
effect(() => {
  const now = `${verdict.value} ${pairText.value} ${JSON.stringify(question.value)}`;
  if (now !== seen) shown.value = PAGE;
  seen = now;
});
