/** Edits that are not committed yet. The server keeps them: nothing is lost when the page goes. */
import { computed, effect, signal } from '@preact/signals';
import { get, post } from '../api.js';
import { projects, session, tables } from './catalog.js';
import { loaded } from './loaded.js';
import { onLive } from './live.js';
import { columnOf, defaults, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {import('./types.js').Edits} Edits */

/** @type {ReturnType<typeof loaded<Edits>>} */
export const edits = loaded(() => {
  const id = viewId.value;
  return id && viewNow.value?.tables.length ? { key: id, ask: (signal) => get(`views/${id}/edits`, { signal }) } : null;
});

export const cellsPending = computed(() => (edits.value.value?.tables ?? []).reduce((sum, table) => sum + table.cells, 0));
export const canWrite = computed(() => {
  const isReadOnly = session.value.value?.read_only ?? false;
  return !isReadOnly && (viewNow.value?.columns ?? []).some((column) => column.writable);
});
export const canWriteLabel = computed(() => canWrite.value && columnOf(defaults.value.label)?.writable === true);
export const canWriteWeight = computed(() => canWrite.value && columnOf(defaults.value.weight)?.writable === true);
/** What went wrong with the last edit. @type {import('@preact/signals').Signal<Error | null>} */
export const editError = signal(null);

/** What is pending in rows that were asked for. @type {import('@preact/signals').Signal<ReadonlyMap<number, Record<string, Cell>>>} */
const pending = signal(new Map());
/** @type {import('@preact/signals').Signal<ReadonlySet<number>>} */
const reviewed = signal(new Set());
/** @type {Set<number>} */
let asked = new Set();

/** @param {number} row @returns {Record<string, Cell>} what is pending in a row, by column */
export const pendingOf = (row) => pending.value.get(row) ?? NONE;
/** @param {number} row */
export const isReviewed = (row) => reviewed.value.has(row);
const NONE = Object.freeze({});

/** @param {number[]} rows asks what is pending in rows that are in sight */
export async function wantPending(rows) {
  const id = viewId.peek();
  const unknown = rows.filter((row) => !asked.has(row));
  const columns = (viewNow.peek()?.columns ?? []).filter((column) => column.writable).map((column) => column.name);
  if (!id || unknown.length === 0 || columns.length === 0) return;
  for (const row of unknown) asked.add(row);
  const mine = asked;
  const found = /** @type {import('./types.js').PendingCells | null} */ (
    await post(`views/${id}/edits/cells`, { rows: unknown, columns }).catch(() => null)
  );
  if (!found || mine !== asked) return;
  const next = new Map(pending.peek());
  for (const [column, cells] of Object.entries(found.cells))
    for (const [row, value] of Object.entries(cells)) next.set(Number(row), { ...next.get(Number(row)), [column]: value });
  pending.value = next;
  if (found.reviewed.length) reviewed.value = new Set([...reviewed.peek(), ...found.reviewed]);
}

/** Forgets what is known of rows, which is then asked for again. */
function forget() {
  asked = new Set();
  pending.value = new Map();
  reviewed.value = new Set();
  arrivals.value += 1;
}
/** Raised when rows in sight should be asked for again. */
export const arrivals = signal(0);

let seen = viewId.peek();
effect(() => {
  if (viewId.value === seen) return;
  seen = viewId.value;
  forget();
});
let isMine = false;
onLive((event) => {
  if (event.type !== 'edits' || isMine || !viewNow.peek()?.tables.some((table) => table.id === event.table)) return;
  edits.again();
  forget();
});

/**
 * One edit. Rows are rows of the view, or all that match the filters.
 *
 * @typedef {{rows: number[] | 'matching', filters?: import('./types.js').Filter[], reviewed?: boolean}} Where `reviewed`: the rows count as looked at
 * @param {({do: 'set', column: string, value: Cell} & Where) | ({do: 'accept', column: string, from: string} & Where) | {do: 'keep', rows: number[]} | {do: 'undo'} | {do: 'redo'} | {do: 'discard', column?: string}} edit
 * @returns {Promise<boolean>} whether it was done; `editError` says why not
 */
export async function doEdit(edit) {
  const id = viewId.peek();
  if (!id) return false;
  editError.value = null;
  isMine = true;
  try {
    const after = /** @type {Edits} */ (await post(`views/${id}/edits`, edit));
    edits.set(after);
    const rows = 'rows' in edit && Array.isArray(edit.rows) ? edit.rows : null;
    if (rows) take(rows, after.pending ?? {});
    else forget();
    return true;
  } catch (error) {
    editError.value = /** @type {Error} */ (error);
    return false;
  } finally {
    setTimeout(() => {
      isMine = false;
    }, 500);
  }
}

/** @param {number[]} rows that were edited @param {Record<string, Record<string, Cell>>} touched what is pending in them now */
function take(rows, touched) {
  const next = new Map(pending.peek());
  for (const row of rows) {
    asked.add(row);
    next.set(row, touched[row] ?? NONE);
  }
  pending.value = next;
  reviewed.value = new Set([...reviewed.peek(), ...rows]);
}

/** @param {{name?: string, description: string, author?: string, on_conflict?: 'branch' | 'rebase'}} commit @returns {Promise<import('./types.js').Committed>} */
export async function commit(commit) {
  const done = /** @type {import('./types.js').Committed} */ (await post(`views/${viewId.peek()}/edits/commit`, commit));
  edits.again();
  forget();
  projects.again();
  tables.again();
  return done;
}
