/**
 * Images of samples. Those that are wanted in one drawing of the page come in one answer, for a request of each would
 * cost more than the image; large ones come by themselves.
 */
import { batch, signal } from '@preact/signals';
import { imageUrl, post } from '../api.js';

/** @typedef {{view: string, row: number, column: string}} Of */
/** @typedef {{src: import('@preact/signals').Signal<string | undefined>, bytes: number}} Image */

const MOST_OF_ANSWER = 128;
/** What is kept of images that are out of sight. */
const MOST_BYTES = 48e6;
/** What one takes beside its bytes. */
const ENTRY_BYTES = 500;

/** The oldest first. @type {Map<string, Image>} */
const known = new Map();
let bytesKept = 0;
/** Columns of views whose images are large. @type {Set<string>} */
const large = new Set();
/** @type {Of[]} */
let wanted = [];

/** @param {string} view @param {number} row @param {string} column @returns {string | undefined} where the image is; nothing before it has come */
export function imageSrc(view, row, column) {
  if (large.has(columnNameOf({ view, column }))) return imageUrl(view, row, column);
  const own = known.get(nameOf({ view, row, column }));
  if (own) return own.src.value;
  if (wanted.length === 0) queueMicrotask(fetchWanted);
  wanted.push({ view, row, column });
  /** @type {Image} */
  const image = { src: signal(undefined), bytes: 0 };
  known.set(nameOf({ view, row, column }), image);
  return image.src.value;
}

/** Asks for images that are to be shown in a moment. @param {string} view @param {number[]} rows @param {string} column */
export const wantImages = (view, rows, column) => rows.forEach((row) => imageSrc(view, row, column));

/** @param {Of} of */
const nameOf = ({ view, row, column }) => JSON.stringify([view, row, column]);
/** @param {{view: string, column: string}} of */
const columnNameOf = ({ view, column }) => JSON.stringify([view, column]);

function fetchWanted() {
  const all = wanted;
  wanted = [];
  for (let [start, end] = [0, 0]; start < all.length; start = end) {
    const isLike = (/** @type {Of} */ of) => of.view === all[start].view && of.column === all[start].column;
    while (end < Math.min(all.length, start + MOST_OF_ANSWER) && isLike(all[end])) end += 1;
    fetchSome(all.slice(start, end));
  }
}

/** @param {Of[]} some of one view and column */
async function fetchSome(some) {
  const [{ view, column }] = some;
  const question = { column, rows: some.map(({ row }) => row) };
  /** @type {{images: (string | null)[]} | null} */
  const answer = await post(`views/${view}/images`, question).catch(() => null);
  const images = answer?.images ?? [];
  if (answer && images.filter(Boolean).length * 2 < images.length) large.add(columnNameOf({ view, column }));
  batch(() => some.forEach((of, at) => put(of, images[at] ?? null)));
  forgetOldest();
}

/** @param {Of} of @param {string | null} url that holds the image; nothing for one that comes by itself */
function put(of, url) {
  const image = known.get(nameOf(of));
  if (!image) return;
  image.bytes = ENTRY_BYTES + (url?.length ?? 0);
  bytesKept += image.bytes;
  image.src.value = url ?? imageUrl(of.view, of.row, of.column);
}

function forgetOldest() {
  for (const [name, { src, bytes }] of known) {
    if (bytesKept <= MOST_BYTES) return;
    if (src.peek() === undefined) continue;
    known.delete(name);
    bytesKept -= bytes;
  }
}
