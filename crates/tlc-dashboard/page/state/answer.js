/** What the server says of the rows under the filters: counts, histograms, classes. */
import { computed, effect } from '@preact/signals';
import { ApiError, post } from '../api.js';
import { kept } from './kept.js';
import { loaded } from './loaded.js';
import { param, setParams, toggled } from './url.js';
import { columnOf, defaults, expressionError, filters, growth, reopen, sentFilters, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Column} Column */

const NUMBERS_AT_FIRST = 3;
const CLASSES_AT_FIRST = 3;
const FILTER_BINS = 52;
const REOPEN_MS = 5000;

const opened = param('open');

/** Columns that can be filtered in the panel, those that tell most first. @type {import('@preact/signals').ReadonlySignal<Column[]>} */
export const filterable = computed(() => {
  const all = (viewNow.value?.columns ?? []).filter((column) => ['number', 'class', 'flag', 'text'].includes(column.kind) && !column.shows && !column.selection);
  return all.toSorted((a, b) => rank(a) - rank(b));
});

/** @param {Column} column @returns {number} what the view's defaults name, metrics, columns of the table, and last what only tells rows apart */
function rank(column) {
  const { loss, confidence, label, predicted, text } = defaults.value;
  const first = [loss, confidence, label, predicted, text].indexOf(column.name);
  if (first >= 0) return first;
  if (isBookkeeping(column)) return 30;
  return column.visible ? (column.is_of_table ? 20 : 10) : 40;
}

/** @param {Column} column @returns {boolean} whether it is a number of a row, or an axis along which nothing differs */
export const isBookkeeping = (column) => column.role === 'id' || (column.role === 'axis' && (column.classes?.length ?? 0) < 2);

/** Names of the columns that are open in the panel. */
export const openColumns = computed(() => {
  if (opened.value !== null) return opened.value.split(',').filter((name) => columnOf(name));
  const visible = filterable.value.filter((column) => column.visible && !isBookkeeping(column));
  return [
    ...visible.filter((column) => column.kind === 'number').slice(0, NUMBERS_AT_FIRST),
    ...visible.filter((column) => column.kind === 'class' || column.kind === 'flag').slice(0, CLASSES_AT_FIRST),
    ...visible.filter((column) => column.name === defaults.value.text),
  ].map((column) => column.name);
});

/** @param {string} name */
export function toggleOpen(name) {
  setParams({ open: toggled(openColumns.peek(), name) || 'none' });
}

/**
 * A question about the rows, under filters of its own choice.
 *
 * @param {() => {filters: import('./types.js').Filter[]} & Partial<import('./types.js').Question> | null} question reads signals
 * @returns {ReturnType<typeof loaded<Answer>>}
 */
export const asked = (question) =>
  loaded(
    () => {
      const id = viewId.value;
      const body = id && question();
      return body
        ? { key: `${id} ${growth.value} ${JSON.stringify(body)}`, ask: (signal) => post(`views/${id}/query`, body, { signal }) }
        : null;
    },
    { isPatient: true },
  );

export const answer = asked(() => {
  const open = openColumns.value.map((name) => columnOf(name)).filter((column) => column !== undefined);
  const counted = [...open.filter((column) => column.kind === 'class' || column.kind === 'flag'), ...kept.value];
  return {
    filters: sentFilters.value,
    histograms: open.filter((column) => column.kind === 'number').map((column) => ({ column: column.name, bins: FILTER_BINS })),
    classes: counted.map((column) => column.name),
  };
});

effect(() => {
  const { error } = answer.value;
  const expression = filters.value.find((each) => each.type === 'expression');
  if (!(error instanceof ApiError) || error.status !== 400 || expression?.type !== 'expression') return;
  if (expressionError.peek()?.text === expression.text) return;
  expressionError.value = { text: expression.text, message: error.message, position: error.position };
});

let reopened = 0;
// The server forgets views that nobody asked of for long, and all when it starts again.
effect(() => {
  const { error } = answer.value;
  if (!(error instanceof ApiError) || ![404, 410].includes(error.status) || Date.now() - reopened < REOPEN_MS) return;
  reopened = Date.now();
  reopen();
});
