/** Sequences: their tokens beside what each of them cost. */
import { parsed } from '../widgets/format.js';
import { defaults, viewNow } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {{tokens: string[], losses: number[]}} Sequence */

/**
 * A list of texts, or the words of the text, beside a list of as many losses.
 *
 * @param {Record<string, Cell>} cells @returns {Sequence | null}
 */
export function sequenceOf(cells) {
  const lists = (viewNow.value?.columns ?? [])
    .filter((column) => column.shows === 'list')
    .map((column) => ({ name: column.name, value: parsed(cells[column.name]) }));
  const losses = lists.find((each) => /loss|surprisal|nll/i.test(each.name) && isAll(each.value, 'number'))?.value;
  if (!losses?.length) return null;
  const tokens = lists.find((each) => isAll(each.value, 'string') && each.value.length === losses.length)?.value ?? words(cells, losses.length);
  return tokens ? { tokens, losses } : null;
}

/** @param {any} value @param {'number' | 'string'} kind @returns {value is any[]} */
const isAll = (value, kind) => Array.isArray(value) && value.every((each) => typeof each === kind || each === null);

/** @param {Record<string, Cell>} cells @param {number} length @returns {string[] | null} */
function words(cells, length) {
  const { text } = defaults.value;
  const found = String((text && cells[text]) ?? '').split(/\s+/).filter(Boolean);
  return found.length === length ? found : null;
}
