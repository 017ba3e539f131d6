/** The rows that a person selected, and the one that the keys are at. */
import { computed, effect, signal } from '@preact/signals';
import { fromRanges, toRanges } from './ranges.js';
import { param, setParams } from './url.js';
import { viewId } from './view.js';

/** What is longer than this is no part of a link. */
const LONGEST = 600;
const inAddress = param('sel');
/** A selection that the address only counts. @type {import('@preact/signals').Signal<ReadonlySet<number>>} */
const large = signal(new Set());
const counted = computed(() => Number(/^many:(\d+)$/.exec(inAddress.value ?? '')?.[1] ?? 0));

/** @type {import('@preact/signals').ReadonlySignal<ReadonlySet<number>>} */
export const selected = computed(() => {
  if (counted.value === 0) return new Set(fromRanges(inAddress.value ?? ''));
  return large.value.size === counted.value ? large.value : NONE;
});
const NONE = /** @type {ReadonlySet<number>} */ (new Set());
export const selectedRows = computed(() => [...selected.value]);
/** Whether the selection is too large for a link. */
export const isLarge = computed(() => counted.value > 0 && selected.value.size > 0);
/** How many rows were selected where the link was made, which are not in it. */
export const notInLink = computed(() => (selected.value.size === 0 ? counted.value : 0));

/** @param {ReadonlySet<number>} rows */
function select(rows) {
  const text = toRanges(rows);
  if (text.length > LONGEST) large.value = rows;
  setParams({ sel: text.length > LONGEST ? `many:${rows.size}` : text || null });
}

/** Where the keys are, as a place in the order. */
export const cursor = signal(0);
/** A place that should be in sight: lists scroll to it. @type {import('@preact/signals').Signal<{place: number} | null>} */
export const revealed = signal(null);
/** The row that is pointed at, in any panel. @type {import('@preact/signals').Signal<{row: number, x: number, y: number} | null>} */
export const hovered = signal(null);

const openText = param('row');
/** The row whose detail is open. */
export const openRow = computed(() => (openText.value === null ? null : Number(openText.value)));

/** @param {number | null} row */
export const openSample = (row) => setParams({ row: row === null ? null : String(row) });

/** @param {number} row */
export function toggleSelected(row) {
  const next = new Set(selected.peek());
  if (!next.delete(row)) next.add(row);
  select(next);
}

/** @param {Iterable<number>} rows */
export const addSelected = (rows) => select(new Set([...selected.peek(), ...rows]));

export const clearSelected = () => select(NONE);

let seen = viewId.peek();
effect(() => {
  if (viewId.value === seen) return;
  seen = viewId.value;
  hovered.value = null;
});
