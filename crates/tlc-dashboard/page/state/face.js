/** What stands for a sample where there is little room: its image, its text, or the values of its row. */
import { computed, signal } from '@preact/signals';
import { isBookkeeping } from './answer.js';
import { param, setParams } from './url.js';
import { columnOf, defaults, order, viewNow } from './view.js';

/** @typedef {import('./types.js').Column} Column */
/** @typedef {import('./types.js').Cell} Cell */

const FACTS = 8;
/** A text beside that many numbers is one value of the row, and not what the row is about. */
const NUMBERS_OF_A_RECORD = 2;

const isScalar = (/** @type {Column} */ column) => !column.shows && column.kind !== 'other';

/** @type {import('@preact/signals').ReadonlySignal<'image' | 'text' | 'values'>} */
export const face = computed(() => {
  const { image, text, label, weight } = defaults.value;
  if (image) return 'image';
  const numbers = (viewNow.value?.columns ?? []).filter(
    (column) =>
      column.is_of_table && column.kind === 'number' && column.visible && ![label, weight].includes(column.name) && !isBookkeeping(column),
  );
  return text && numbers.length < NUMBERS_OF_A_RECORD ? 'text' : 'values';
});

/** Columns that tell what a row is: what it is sorted by, then those of its table. @type {import('@preact/signals').ReadonlySignal<Column[]>} */
export const facts = computed(() => {
  const { label, predicted, confidence } = defaults.value;
  const told = [label, predicted, confidence];
  const shown = (viewNow.value?.columns ?? []).filter(
    (column) => column.visible && isScalar(column) && !isBookkeeping(column) && !told.includes(column.name),
  );
  const sorted = [columnOf(order.value[0]?.column)].filter((column) => column && isScalar(column));
  const [own, others] = [shown.filter((column) => column.is_of_table), shown.filter((column) => !column.is_of_table)];
  return [.../** @type {Set<Column>} */ (new Set([...sorted, ...own, ...others]))].slice(0, FACTS);
});

/** How large tiles can be: texts are read, images are seen. */
export const SIZES = { least: 40, most: 320, step: 8, ofText: 184 };
const size = param('size');
/** The size at which some rows of images are in sight, as the grid finds it. */
export const fitting = signal(72);
export const tileSize = computed(() => within(Number(size.value) || (face.value === 'image' ? fitting.value : SIZES.ofText)));
export const setTileSize = (/** @type {number} */ next) => setParams({ size: String(within(next)) });
const within = (/** @type {number} */ wanted) => Math.round(Math.min(SIZES.most, Math.max(SIZES.least, wanted)));
