/** What a point looks like, as bytes beside its place: its colour, its size, whether it matches. */
import { HUES, NO_CLASS, classColor, rgb, viridis } from './colors.js';

/** @typedef {import('../state/columns.js').Cloud} Cloud */

const STEPS = 255;
/** What of viridis stands out from the paper; the scales in the style sheet are the same. */
const SEEN = { light: [0, 0.94], dark: [0.22, 1] };

/** @param {import('./colors.js').Rgb} color3 @returns {number} its four bytes, of which nothing is seen through, as one number */
const packed = (color3) => new Uint32Array(Uint8Array.of(...color3, 255).buffer)[0];

/** @param {Cloud} cloud @param {import('../state/types.js').Class[]} classes @param {boolean} isDark the page @returns {Uint8Array} RGBA of each point */
export function colorBytes({ places: [{ length }], color }, classes, isDark) {
  const out = new Uint32Array(length);
  if (!color) out.fill(packed(rgb(HUES[0])));
  else if (color.kind === 'class') {
    const { places } = color;
    const palette = new Uint32Array(256 ** places.BYTES_PER_ELEMENT).fill(packed(rgb(NO_CLASS)));
    palette.set(classes.slice(0, palette.length).map((each) => packed(rgb(classColor(classes, each.id)))));
    for (let row = 0; row < length; row += 1) out[row] = palette[places[row]];
  } else {
    const { values, least, most } = color;
    const span = most - least || 1;
    const [from, to] = isDark ? SEEN.dark : SEEN.light;
    const none = packed(rgb(NO_CLASS));
    const steps = Array.from({ length: STEPS + 1 }, (_, at) => packed(viridis(from + ((to - from) * at) / STEPS)));
    for (let row = 0; row < length; row += 1) out[row] = steps[Math.round(((values[row] - least) / span) * STEPS)] ?? none;
  }
  return new Uint8Array(out.buffer);
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
  if (!bits) marks.fill(1);
  else for (let row = 0; row < length; row += 1) marks[row] = (bits[row >> 3] >> (row & 7)) & 1;
  if (color?.kind === 'class' && classes > HUES.length)
    for (let row = 0; row < length; row += 1) marks[row] |= (Math.floor(color.places[row] / HUES.length) % 4) << 2;
  for (const row of chosen) if (row < length) marks[row] |= 3;
  return marks;
}
