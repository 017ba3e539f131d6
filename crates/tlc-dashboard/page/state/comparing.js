/** Two runs or epochs, sample by sample: which got right, which wrong. */
import { computed, effect } from '@preact/signals';
import { get, post } from '../api.js';
import { projectOfView, runs } from './catalog.js';
import { loaded } from './loaded.js';
import { streamAt, streamsOf } from './streams.js';
import { param, path, setParams } from './url.js';

/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Verdict} Verdict */

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
  const older = list.slice(at + 1).find((run) => streamsOf(run).length > 0);
  return older?.id ?? afterId.value;
});
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
export const streams = computed(() => streamsOf(runHere.value.value));
export const streamNow = computed(() => streamAt(streams.value, stream.value));

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
export const question = computed(() => {
  const [one, other] = [before.value.value, after.value.value];
  const by = other?.compare_by;
  return one && other && by ? { before: { view: one.id, filters: [] }, after: { view: other.id, filters: [] }, by } : null;
});
/** The value whose change is told. */
export const changeOf = computed(() => question.value?.by.value ?? null);
/** What tells whether a sample is right: classes, a flag, or nothing but the change. */
export const rightBy = computed(() => question.value?.by.right.type ?? 'same');
/** Which samples are listed. @type {import('@preact/signals').ReadonlySignal<Verdict>} */
export const verdict = computed(() => /** @type {Verdict} */ (verdictText.value ?? (rightBy.value === 'change' ? 'grew' : 'newly_wrong')));
/** Why nothing can be compared, when both sides are there. */
export const isImpossible = computed(() => Boolean(before.value.value && after.value.value && !question.value));

/** @type {ReturnType<typeof loaded<import('./types.js').Comparison>>} */
export const comparison = loaded(() => {
  const asked = question.value;
  return (
    asked && { key: JSON.stringify(asked), ask: (stop) => post('compare', { ...asked, page: { start: 0, len: 0 } }, { signal: stop }) }
  );
});
