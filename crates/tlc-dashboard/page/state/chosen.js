/** Which classes, flags or numbers of a column a filter lets through, by their keys; null is what is missing. */
import { columnOf, filterOn, replaceFilter } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {import('./types.js').Filter} Filter */

/** The kinds of filters that ask for keys. @type {Filter['type'][]} */
export const BY_KEY = ['classes', 'flag', 'special', 'range'];

/** @param {string} name of a column @returns {ReadonlySet<Cell> | null} the keys that a filter asks for */
export function chosenOf(name) {
  const filter = filterOn(BY_KEY, name);
  switch (filter?.type) {
    case 'classes':
      return new Set([...filter.ids, ...(filter.missing ? [null] : [])]);
    case 'flag':
      return new Set([Number(filter.is)]);
    case 'special':
      return filter.is === 'missing' ? new Set([null]) : null;
    case 'range':
      return filter.min === filter.max ? new Set([filter.min ?? null]) : null;
    default:
      return null;
  }
}

/** @param {string} name of a column @param {ReadonlySet<Cell> | null} keys that are let through; null lets all through */
export function choose(name, keys) {
  const column = columnOf(name);
  if (column) replaceFilter(BY_KEY, name, keys && filterOf(column, keys), { step: true });
}

/** @param {string} name of a column @param {Cell} key is let through alone, or not alone any more @param {boolean} [isAdding] it is let through beside others, or not any more */
export function toggle(name, key, isAdding = false) {
  const now = chosenOf(name);
  if (!isAdding) return choose(name, now?.size === 1 && now.has(key) ? null : new Set([key]));
  const next = new Set(now ?? []);
  if (!next.delete(key)) next.add(key);
  return choose(name, next.size ? next : null);
}

/** @param {import('./types.js').Column} column @param {ReadonlySet<Cell>} keys @returns {Filter | null} null where they are all that there can be */
function filterOf({ name: column, kind }, keys) {
  const numbers = [...keys].filter((key) => key !== null).map(Number);
  const isMissing = keys.has(null);
  if (kind === 'class') return { type: 'classes', column, ids: numbers, ...(isMissing ? { missing: true } : {}) };
  if (isMissing) return { type: 'special', column, is: 'missing' };
  if (kind === 'flag') return numbers.length === 1 ? { type: 'flag', column, is: numbers[0] === 1 } : null;
  return { type: 'range', column, min: numbers[0], max: numbers[0] };
}
