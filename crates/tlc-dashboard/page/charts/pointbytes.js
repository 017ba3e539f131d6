/** What a point looks like, as bytes beside its place: its colour, its size, whether it matches. */
import { HUES, NO_CLASS, classColor, rgb, viridis } from './colors.js';

/** @typedef {import('../state/columns.js').Cloud} Cloud */

const STEPS = 255;
/** What of viridis stands out from the paper; the scales in the style sheet are the same. */
const SEEN = { light: [0, 0.94], dark: [0.22, 1] };

/** @param {Cloud} cloud @param {import('../state/types.js').Class[]} classes @param {boolean} isDark the page @returns {Uint8Array} RGBA of each point */
export function colorBytes({ places: [{ length }], color }, classes, isDark) {
  const out = new Uint8Array(length * 4);
  const put = (/** @type {number} */ row, /** @type {import('./colors.js').Rgb} */ color3) => {
    out[row * 4] = color3[0];
    out[row * 4 + 1] = color3[1];
    out[row * 4 + 2] = color3[2];
    out[row * 4 + 3] = 255;
  };
  const none = rgb(NO_CLASS);
  if (!color) {
    const one = rgb(HUES[0]);
    for (let row = 0; row < length; row += 1) put(row, one);
  } else if (color.kind === 'class') {
    const palette = classes.map((each) => rgb(classColor(classes, each.id)));
    color.places.forEach((place, row) => put(row, palette[place] ?? none));
  } else {
    const span = color.most - color.least || 1;
    const [from, to] = isDark ? SEEN.dark : SEEN.light;
    const steps = Array.from({ length: STEPS + 1 }, (_, at) => viridis(from + ((to - from) * at) / STEPS));
    color.values.forEach((value, row) =>
      put(row, Number.isFinite(value) ? steps[Math.round(((value - color.least) / span) * STEPS)] : none),
    );
  }
  return out;
}

/** @param {Cloud} cloud @returns {Uint8Array | null} how large each point is, from 0 to 255; what has no value is as small as the least */
export function sizeBytes({ size }) {
  if (!size) return null;
  const { values, least, most } = size;
  const span = most - least || 1;
  return Uint8Array.from(values, (value) => (Number.isFinite(value) ? Math.round(((value - least) / span) * STEPS) : 0));
}

/** @param {Uint8Array | null} bits of the rows that match; without them all do @param {number} row @returns {boolean} */
export const isMatching = (bits, row) => bits === null || (bits[row >> 3] & (1 << (row & 7))) !== 0;

/** @param {Uint8Array} bits @returns {number} how many are set */
export function countOf(bits) {
  let count = 0;
  for (const byte of bits) for (let left = byte; left > 0; left &= left - 1) count += 1;
  return count;
}

/**
 * @param {Cloud} cloud @param {Uint8Array | null} bits that match @param {ReadonlySet<number>} chosen @param {number} classes
 * @returns {Uint8Array} bit 0 matching, bit 1 selected, bits 2 and 3 the shape
 */
export function markBytes({ places: [{ length }], color }, bits, chosen, classes) {
  const marks = new Uint8Array(length);
  const isShaped = color?.kind === 'class' && classes > HUES.length;
  for (let row = 0; row < length; row += 1) {
    const shape = isShaped ? Math.floor(color.places[row] / HUES.length) % 4 : 0;
    marks[row] = Number(isMatching(bits, row)) | (shape << 2);
  }
  for (const row of chosen) if (row < length) marks[row] |= 3;
  return marks;
}
