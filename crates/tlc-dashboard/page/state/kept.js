/** Rows that are kept under a name, in the tables of the view. */
import { computed, signal } from '@preact/signals';
import { answered, post } from '../api.js';
import { session } from './catalog.js';
import { selectedRows } from './selection.js';
import { say } from './toast.js';
import { filterOn, replaceFilter, sentFilters, take, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Filter} Filter */
/** @typedef {import('./types.js').Column} Column */

/** The name that is about to be forgotten. */
const going = signal('');

/** The columns that say of each row whether it is kept under a name. */
export const kept = computed(() =>
  (viewNow.value?.columns ?? []).filter((column) => column.selection && column.selection !== going.value),
);
export const canKeep = computed(() => !session.value.value?.read_only && (viewNow.value?.tables.length ?? 0) > 0);

/** @param {Column} column */
export const isFilteredBy = (column) => filterOn(['flag'], column.name)?.type === 'flag';

/** @param {Column} column */
export const toggleKept = (column) =>
  replaceFilter(['flag'], column.name, isFilteredBy(column) ? null : { type: 'flag', column: column.name, is: true }, { step: true });

/** @returns {Filter[]} those of the rows that are selected, or else of all that match */
const meant = () =>
  selectedRows.peek().length ? [/** @type {Filter} */ ({ type: 'rows', rows: selectedRows.peek() })] : sentFilters.peek();

/** @param {string} name */
export async function keep(name) {
  await act({ do: 'keep', name, filters: meant() });
  say(`Kept as “${name}”. In a program: table.selection("${name}").`);
}

/** @param {Column} column */
export async function forget(column) {
  const name = column.selection ?? '';
  going.value = name;
  if (isFilteredBy(column)) replaceFilter(['flag'], column.name, null);
  try {
    await answered();
    await act({ do: 'delete', name });
    say(`“${name}” is forgotten. Its rows stay, and the name can be given again.`);
  } catch (failure) {
    say(/** @type {Error} */ (failure).message);
  }
  going.value = '';
}

/** @param {object} body */
async function act(body) {
  take(await post(`views/${viewId.peek()}/selections`, body));
}
