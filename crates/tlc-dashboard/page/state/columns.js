/** Whole columns for the charts that draw every row, and the rows that match as bits. */
import { computed } from '@preact/signals';
import { bytes, postForBytes } from '../api.js';
import { extent } from '../charts/extent.js';
import { loaded } from './loaded.js';
import { columnOf, growth, sentFilters, viewId } from './view.js';

const MOST_KEPT = 12;
/** @type {Map<string, Promise<ArrayBuffer>>} */
const kept = new Map();

/** @param {string} view @param {string} column @param {'f32' | 'u8' | 'u16'} as @returns {Promise<ArrayBuffer>} */
function fetched(view, column, as) {
  const key = `${view} ${growth.peek()} ${as} ${column}`;
  const found = kept.get(key);
  if (found) return found;
  const coming = bytes(`views/${view}/columns/${encodeURIComponent(column)}?as=${as}`);
  kept.set(key, coming);
  coming.catch(() => kept.delete(key));
  for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(old);
  return coming;
}

/** @param {string} view @param {string} column @returns {Promise<Float32Array>} */
export const numbers = async (view, column) => new Float32Array(await fetched(view, column, 'f32'));

/** @param {string} view @param {string} column @param {number} classes @returns {Promise<Uint8Array | Uint16Array>} places of classes; the highest number is none */
const classPlaces = async (view, column, classes) =>
  classes < 255 ? new Uint8Array(await fetched(view, column, 'u8')) : new Uint16Array(await fetched(view, column, 'u16'));

/** Which rows match, a bit each, or no bits where there are no filters. @type {ReturnType<typeof loaded<Uint8Array<ArrayBuffer>>>} */
export const mask = loaded(
  () => {
    const id = viewId.value;
    const filters = sentFilters.value;
    if (!id) return null;
    return {
      key: `${id} ${growth.value} ${JSON.stringify(filters)}`,
      ask: async (signal) =>
        filters.length ? new Uint8Array(await postForBytes(`views/${id}/mask`, { filters }, { signal })) : new Uint8Array(),
    };
  },
  { isPatient: true },
);

/** The same; null where all rows match, or it isn't known yet. */
export const matchingBits = computed(() => (mask.value.value?.length ? mask.value.value : null));

/** @typedef {{values: Float32Array, least: number, most: number}} Measured */

/**
 * Places, colours and sizes of points.
 *
 * @typedef {object} Cloud
 * @property {Float32Array[]} places one for each dimension
 * @property {{kind: 'class', places: Uint8Array | Uint16Array} | ({kind: 'number'} & Measured) | null} color
 * @property {Measured | null} size
 */

/** @typedef {{places: string[], color: string | null, size: string | null}} CloudColumns */

/**
 * @param {() => CloudColumns | null} wanted reads signals
 * @returns {ReturnType<typeof loaded<Cloud>>}
 */
export const cloud = (wanted) =>
  loaded(() => {
    const id = viewId.value;
    const now = wanted();
    if (!id || !now) return null;
    return { key: `${id} ${growth.value} ${JSON.stringify(now)}`, ask: () => fetchCloud(id, now) };
  });

/** @param {string} id @param {CloudColumns} wanted @returns {Promise<Cloud>} */
async function fetchCloud(id, wanted) {
  const [color, size, ...places] = await Promise.all([
    colorOf(id, wanted.color),
    wanted.size ? measured(id, wanted.size) : null,
    ...wanted.places.map((name) => numbers(id, name)),
  ]);
  return { places, color, size };
}

/** @param {string} id @param {string | null} name @returns {Promise<Cloud['color']>} */
async function colorOf(id, name) {
  const column = columnOf(name);
  if (!column) return null;
  if (column.kind === 'class') return { kind: 'class', places: await classPlaces(id, column.name, column.classes?.length ?? 0) };
  return { kind: 'number', ...(await measured(id, column.name)) };
}

/** @param {string} id @param {string} name @returns {Promise<Measured>} */
async function measured(id, name) {
  const values = await numbers(id, name);
  const [least, most] = extent(values);
  return { values, least, most };
}
