/** The rows that a person selected, and the one that the keys are at. */
import { computed, effect, signal } from '@preact/signals';
import { param, setParams } from './url.js';
import { viewId } from './view.js';

/** @type {import('@preact/signals').Signal<ReadonlySet<number>>} */
export const selected = signal(new Set());
export const selectedRows = computed(() => [...selected.value]);

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
  selected.value = next;
}

/** @param {Iterable<number>} rows */
export function addSelected(rows) {
  selected.value = new Set([...selected.peek(), ...rows]);
}

export const clearSelected = () => {
  selected.value = new Set();
};

let seen = viewId.peek();
effect(() => {
  if (viewId.value === seen) return;
  seen = viewId.value;
  clearSelected();
  hovered.value = null;
});
