/** One sample with all that is known of it, kept for a while. */
import { signal } from '@preact/signals';
import { get } from '../api.js';
import { viewId } from './view.js';

/** @typedef {import('./types.js').Sample} Sample */

const MOST = 300;
/** @type {import('@preact/signals').Signal<ReadonlyMap<string, Sample>>} */
const kept = signal(new Map());
/** @type {Set<string>} */
const coming = new Set();

/** @param {number} row @returns {Sample | null} when it is here; asks for it otherwise */
export function sampleOf(row) {
  const id = viewId.value;
  const key = `${id} ${row}`;
  const found = kept.value.get(key);
  if (found || !id) return found ?? null;
  queueMicrotask(() => fetchSample(id, row));
  return null;
}

/** @param {string} id @param {number} row */
async function fetchSample(id, row) {
  const key = `${id} ${row}`;
  if (coming.has(key) || kept.peek().has(key)) return;
  coming.add(key);
  try {
    const sample = /** @type {Sample} */ (await get(`views/${id}/samples/${row}`));
    const next = [...kept.peek(), /** @type {[string, Sample]} */ ([key, sample])];
    kept.value = new Map(next.slice(-MOST));
    coming.delete(key);
  } catch {
    setTimeout(() => coming.delete(key), 2000);
  }
}
