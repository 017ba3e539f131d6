/** Whole columns for the charts that draw every row, and the rows that match as bits. */
import { bytes, postForBytes } from '../api.js';
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
export const classPlaces = async (view, column, classes) =>
  classes < 255 ? new Uint8Array(await fetched(view, column, 'u8')) : new Uint16Array(await fetched(view, column, 'u16'));

/** Which rows match, a bit each. @type {ReturnType<typeof loaded<Uint8Array<ArrayBuffer>>>} */
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

/**
 * Places and colours of points.
 *
 * @typedef {object} Cloud
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {{kind: 'class', places: Uint8Array | Uint16Array} | {kind: 'number', values: Float32Array, least: number, most: number} | null} color
 */

/**
 * @param {() => {x: string, y: string, color: string | null} | null} wanted reads signals
 * @returns {ReturnType<typeof loaded<Cloud>>}
 */
export const cloud = (wanted) =>
  loaded(() => {
    const id = viewId.value;
    const now = wanted();
    if (!id || !now) return null;
    return { key: `${id} ${growth.value} ${JSON.stringify(now)}`, ask: () => fetchCloud(id, now) };
  });

/** @param {string} id @param {{x: string, y: string, color: string | null}} wanted @returns {Promise<Cloud>} */
async function fetchCloud(id, { x, y, color }) {
  const column = columnOf(color);
  const [xs, ys, colors] = await Promise.all([
    numbers(id, x),
    numbers(id, y),
    column?.kind === 'class' ? classPlaces(id, column.name, column.classes?.length ?? 0) : column ? numbers(id, column.name) : null,
  ]);
  if (!colors) return { x: xs, y: ys, color: null };
  if (!(colors instanceof Float32Array)) return { x: xs, y: ys, color: { kind: 'class', places: colors } };
  const [least, most] = extent(colors);
  return { x: xs, y: ys, color: { kind: 'number', values: colors, least, most } };
}

/** @param {Float32Array} values @returns {[number, number]} the least and the most of the finite ones */
export function extent(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  return least <= most ? [least, most] : [0, 1];
}
