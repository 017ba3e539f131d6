/** What a person does to rows: accept predictions, set labels and weights, undo; review and commit. */
import { signal } from '@preact/signals';
import { className, many } from '../widgets/format.js';
import { canWriteLabel, canWriteWeight, doEdit, edits } from './edits.js';
import { rowAt } from './rows.js';
import { cursor, openRow, selectedRows } from './selection.js';
import { say } from './toast.js';
import { go } from './url.js';
import { columnOf, defaults, filters, rowsNow } from './view.js';

/** Whether the dialog of the commit is open. */
export const isCommitting = signal(false);

/** @returns {number[]} the rows that are meant: those selected, or the one that is open, or the one where the keys are */
export function meant() {
  if (selectedRows.peek().length) return selectedRows.peek();
  const row = rowOfKeys();
  return row === null ? [] : [row];
}

/** @returns {number | null} the row that is open, or the one where the keys are */
export const rowOfKeys = () => openRow.peek() ?? rowAt(cursor.peek())?.row ?? null;

/** @param {number[] | 'matching'} rows @returns {import('./edits.js').Where} */
const where = (rows) => (rows === 'matching' ? { rows, filters: filters.peek() } : { rows });
/** @param {number[] | 'matching'} rows */
const which = (rows) => (rows === 'matching' ? 'All that match' : many(rows.length, 'row'));

/** @param {number[] | 'matching'} rows */
export async function acceptPrediction(rows = meant()) {
  const { label, predicted } = defaults.peek();
  if (!canWriteLabel.peek() || !label || !predicted || rows.length === 0) return;
  if (await doEdit({ do: 'accept', column: label, from: predicted, ...where(rows) }))
    say(`${which(rows)}: the prediction is the label now. u takes it back.`);
}

/** @param {number} id @param {number[] | 'matching'} rows */
export async function setLabel(id, rows = meant()) {
  const { label } = defaults.peek();
  if (!canWriteLabel.peek() || !label || rows.length === 0) return;
  if (await doEdit({ do: 'set', column: label, value: id, ...where(rows) }))
    say(`${which(rows)}: ${label} is ${className(columnOf(label)?.classes ?? [], id)} now. u takes it back.`);
}

/** @param {number[] | 'matching'} rows */
export async function weightZero(rows = meant()) {
  const { weight } = defaults.peek();
  if (!canWriteWeight.peek() || !weight || rows.length === 0) return;
  if (await doEdit({ do: 'set', column: weight, value: 0, ...where(rows) }))
    say(`${which(rows)}: left out of training (weight 0). u takes it back.`);
}

export async function undo() {
  if (!edits.peek().value?.can_undo) return;
  if (await doEdit({ do: 'undo' })) say('Undone. shift+u does it again.');
}

export async function redo() {
  if (edits.peek().value?.can_redo) await doEdit({ do: 'redo' });
}

/** Goes through what is selected, or else what matches, one sample at a time. */
export function review() {
  const rows = selectedRows.peek();
  const f = rows.length > 1 ? { f: JSON.stringify([{ type: 'rows', rows }]) } : {};
  go(['review'], { ...rowsNow(), ...f, back: location.hash.slice(1) });
}
