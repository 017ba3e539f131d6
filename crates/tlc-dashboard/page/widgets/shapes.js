/** The shape of an object over its image: a box, upright or not, outlines, a mask as run lengths, keypoints. */
import { html } from './html.js';

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{x: number, y: number, visibility?: number | null}} Keypoint */
/**
 * As FORMAT.md has them: coordinates in the unit of the box, lists of them x, y in turn. What lies in a file may be
 * anything: what is none of them is not drawn.
 *
 * @typedef {object} Box
 * @property {number} x0
 * @property {number} y0
 * @property {number} x1
 * @property {number} y1
 * @property {number | null} [label]
 * @property {number | null} [confidence]
 * @property {number | null} [iou] with the box of the label that it found
 * @property {number[] | null} [corners]
 * @property {number[][] | null} [polygons]
 * @property {{size: number[], counts: string} | null} [rle]
 * @property {Keypoint[] | null} [keypoints]
 */

const NOT_LABELED = 0;
/** More lines of a mask take a browser too long to draw. */
const MOST_LINES = 100_000;

/**
 * @param {object} props
 * @param {Box} props.box
 * @param {Size} props.unit pixels of the image that a coordinate of 1 is
 * @param {string} props.color
 * @param {[number, number][]} props.edges places of keypoints that a line joins
 */
export function Shape({ box, unit, color, edges }) {
  const outlines = listed(box.polygons).map((polygon) => pointsOf(polygon, unit));
  const frame = Array.isArray(box.corners) ? { points: pointsOf(box.corners, unit) } : null;
  return html`
    ${outlines.map((points, at) => html`<polygon key=${at} class="area" points=${points} fill=${color} stroke=${color} />`)}
    ${box.rle && html`<path class="runs" d=${pathOfMask(box.rle)} stroke=${color} />`}
    ${Array.isArray(box.keypoints) && html`<${Keypoints} points=${box.keypoints} unit=${unit} color=${color} edges=${edges} />`}
    ${
      frame
        ? html`<polygon class="under" ...${frame} /><polygon ...${frame} stroke=${color} />`
        : html`<rect class="under" ...${rectOf(box, unit)} /><rect ...${rectOf(box, unit)} stroke=${color} />`
    }`;
}

/** @param {Box} box @param {Size} unit @returns {{x: number, y: number, width: number, height: number}} in pixels of the image */
export const rectOf = ({ x0, y0, x1, y1 }, { width, height }) => ({
  x: x0 * width,
  y: y0 * height,
  width: Math.max(0, x1 - x0) * width,
  height: Math.max(0, y1 - y0) * height,
});

/** @param {{points: Keypoint[], unit: Size, color: string, edges: [number, number][]}} props */
function Keypoints({ points, unit, color, edges }) {
  const at = (/** @type {Keypoint} */ { x, y }) => `M${x * unit.width} ${y * unit.height}`;
  const isThere = (/** @type {Keypoint | null | undefined} */ point) =>
    Number.isFinite(point?.x) && Number.isFinite(point?.y) && point?.visibility !== NOT_LABELED;
  const joined = edges.filter(([one, other]) => isThere(points[one]) && isThere(points[other]));
  return html`<path class="joints" stroke=${color} d=${joined.map(([one, other]) => at(points[one]) + at(points[other]).replace('M', 'L')).join('')} />
    <path class="points" stroke=${color} d=${points
      .filter(isThere)
      .map((point) => `${at(point)}h0`)
      .join('')} />`;
}

/** @template T @param {T[] | null | undefined} value @returns {T[]} */
const listed = (value) => (Array.isArray(value) ? value : []);

/** @param {number[]} coordinates x, y in turn @param {Size} unit */
const pointsOf = (coordinates, unit) =>
  listed(coordinates)
    .map((value, at) => (Number.isFinite(value) ? value : 0) * (at % 2 ? unit.height : unit.width))
    .join(' ');

/** @param {{size: number[], counts: string}} mask @returns {string} a line down each column for each run of its pixels */
function pathOfMask({ size, counts }) {
  const [height, width] = listed(size);
  if (!(height > 0 && width > 0) || typeof counts !== 'string') return '';
  /** @type {string[]} */
  const lines = [];
  let pixel = 0;
  runsOf(counts).forEach((len, at) => {
    const end = Math.min(pixel + len, height * width);
    while (at % 2 === 1 && pixel < end && lines.length < MOST_LINES) {
      const [x, y] = [Math.floor(pixel / height), pixel % height];
      const down = Math.min(end - pixel, height - y);
      lines.push(`M${x + 0.5} ${y}v${down}`);
      pixel += down;
    }
    pixel = Math.max(0, end);
  });
  return lines.join('');
}

/**
 * Run lengths, column after column, of pixels that are out of the mask and in it in turn. COCO writes them as
 * characters of 5 bits each, the lowest first, from the third run on as the difference to the last but one.
 *
 * @param {string} text @returns {number[]}
 */
function runsOf(text) {
  /** @type {number[]} */
  const runs = [];
  let [value, shift] = [0, 0];
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place) - 48;
    value |= (code & 31) << shift;
    shift += 5;
    if (code & 32) continue;
    if (code & 16) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
    [value, shift] = [0, 0];
  }
  return runs;
}
