/** Sequences: their tokens beside what each of them cost. */
import { computed } from '@preact/signals';
import { parsed } from '../widgets/format.js';
import { defaults, viewNow } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {{tokens: string[], losses: number[]}} Sequence */

const LOSSES = /loss|surprisal|nll/i;
const TOKENS = /tok|word|piece/i;

/** Lists that make a sequence, by their names: what they hold is known once they are there. @type {import('@preact/signals').ReadonlySignal<string[]>} */
export const sequenceColumns = computed(() => {
  const lists = (viewNow.value?.columns ?? []).filter((column) => column.shows === 'list').map((column) => column.name);
  return lists.some((name) => LOSSES.test(name)) && !defaults.value.image
    ? lists.filter((name) => LOSSES.test(name) || TOKENS.test(name))
    : [];
});

/**
 * A list of texts, or the words of the text, beside a list of as many losses.
 *
 * @param {Record<string, Cell>} cells @returns {Sequence | null}
 */
export function sequenceOf(cells) {
  const lists = (viewNow.value?.columns ?? [])
    .filter((column) => column.shows === 'list')
    .map((column) => ({ name: column.name, value: parsed(cells[column.name]) }));
  const losses = lists.find((each) => LOSSES.test(each.name) && isAll(each.value, 'number'))?.value;
  if (!losses?.length) return null;
  const tokens =
    lists.find((each) => isAll(each.value, 'string') && each.value.length === losses.length)?.value ?? words(cells, losses.length);
  return tokens ? { tokens, losses } : null;
}

/** @param {any} value @param {'number' | 'string'} kind @returns {value is any[]} */
const isAll = (value, kind) => Array.isArray(value) && value.every((each) => typeof each === kind || each === null);

/** @param {Record<string, Cell>} cells @param {number} length @returns {string[] | null} */
function words(cells, length) {
  const { text } = defaults.value;
  const found = String((text && cells[text]) ?? '')
    .split(/\s+/)
    .filter(Boolean);
  return found.length === length ? found : null;
}
