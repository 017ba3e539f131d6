/** The samples that are reviewed, one at a time, in the order of the view. */
import { computed, signal } from '@preact/signals';
import { doEdit, edits, isReviewed, wantPending } from './edits.js';
import { placeOf, rowAt, total, wantRows } from './rows.js';
import { cursor, openSample } from './selection.js';
import { path } from './url.js';
import { defaults } from './view.js';

const AHEAD = 10;

/** What this review did so far. @type {import('@preact/signals').Signal<Record<string, number>>} */
export const done = signal({});
/** Whether the last sample was passed. */
export const isAtEnd = computed(() => total.value !== null && cursor.value >= total.value);
export const current = computed(() => (isAtEnd.value ? null : (rowAt(cursor.value)?.row ?? null)));
export const ahead = computed(() =>
  Array.from({ length: AHEAD }, (_, at) => rowAt(cursor.value + 1 + at)?.row).filter((row) => row !== undefined),
);

/** @param {number} place */
export function goTo(place) {
  const last = total.peek() ?? 0;
  cursor.value = Math.min(Math.max(place, 0), last);
  wantRows(Math.max(0, cursor.peek() - 2), cursor.peek() + AHEAD + 1);
  const row = rowAt(cursor.peek())?.row;
  openSample(row ?? null);
  if (row !== undefined) wantPending([row, ...ahead.peek()]);
}

/** @param {number} by */
export const move = (by) => goTo(cursor.peek() + by);

/** @param {number} row @returns {Promise<void>} where the row is in the queue becomes the place */
export async function goToRow(row) {
  const place = (await placeOf(row)) ?? 0;
  if (isInReview()) goTo(place);
}

/** Goes to the first sample that wasn't looked at yet, of those at the start of the queue. */
export async function goToFirstNew() {
  const rows = Array.from({ length: 120 }, (_, place) => rowAt(place)?.row).filter((row) => row !== undefined);
  await wantPending(rows);
  const first = rows.findIndex((row) => !isReviewed(row));
  if (isInReview()) goTo(first < 0 ? 0 : first);
}

/** Whether the review was not left while the server answered. */
const isInReview = () => path.peek()[0] === 'review';

/** @param {'accepted' | 'kept' | 'relabelled' | 'left out' | 'skipped'} what @param {Parameters<typeof doEdit>[0] | null} edit */
async function decide(what, edit) {
  const place = cursor.peek();
  const row = current.peek();
  if (row === null) return;
  if (edit && !(await doEdit(edit))) return;
  if (edit) trail = { rows: [...trail.rows.slice(0, trail.at), /** @type {number} */ (row)], at: trail.at + 1 };
  done.value = { ...done.peek(), [what]: (done.peek()[what] ?? 0) + 1 };
  if (cursor.peek() === place && isInReview()) goTo(place + 1);
}

const here = () => [/** @type {number} */ (current.peek())];

export const keep = () => decide('kept', current.peek() === null ? null : { do: 'keep', rows: here() });
export const skip = () => decide('skipped', null);
export function accept() {
  const { label, predicted } = defaults.peek();
  if (label && predicted && current.peek() !== null)
    decide('accepted', { do: 'accept', rows: here(), column: label, from: predicted, reviewed: true });
}
/** @param {number} id */
export function relabel(id) {
  const { label } = defaults.peek();
  if (label && current.peek() !== null) decide('relabelled', { do: 'set', rows: here(), column: label, value: id, reviewed: true });
}
export function leaveOut() {
  const { weight } = defaults.peek();
  if (weight && current.peek() !== null) decide('left out', { do: 'set', rows: here(), column: weight, value: 0, reviewed: true });
}

/** The samples that were decided, so that undo shows what it takes back. */
let trail = { rows: /** @type {number[]} */ ([]), at: 0 };

export async function undo() {
  if (!edits.peek().value?.can_undo || !(await doEdit({ do: 'undo' }))) return;
  trail = { ...trail, at: Math.max(0, trail.at - 1) };
  await show(trail.rows[trail.at]);
}

export async function redo() {
  if (!edits.peek().value?.can_redo || !(await doEdit({ do: 'redo' }))) return;
  const row = trail.rows[trail.at];
  trail = { ...trail, at: Math.min(trail.rows.length, trail.at + 1) };
  await show(row);
}

/** @param {number | undefined} row what was undone before this page was opened is not known */
const show = async (row) => {
  if (row === undefined) wantPending([/** @type {number} */ (current.peek() ?? 0), ...ahead.peek()]);
  else await goToRow(row);
};
