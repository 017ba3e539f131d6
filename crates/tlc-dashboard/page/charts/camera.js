/** Where one looks at points from: a window over two dimensions, or an eye that goes around three. */
import { extent } from './extent.js';

/** @typedef {{left: number, right: number, bottom: number, top: number}} Window what of two dimensions is in sight */
/** @typedef {{turn: number, tilt: number, zoom: number, x: number, y: number}} Eye angles in radians; `x` and `y`: where the middle is on the screen, from −1 to 1 */
/** @typedef {[number, number][]} Extents the least and the most of each dimension */

/** @type {Eye} */
export const AT_FIRST = { turn: -0.6, tilt: 0.26, zoom: 1, x: 0, y: 0 };
/** How far the eye is from the middle of the data, whose sides are 2 long. */
export const AWAY = 5;
const FOCUS = 2.85;
const MOST_TILT = Math.PI / 2;
const ZOOMS = [0.2, 60];
const NEAR = 10;
const TOUCH = 4;
/** More than anything is away: what the pointer touches comes before what is around it. */
const FOREMOST = 100;

/** @param {Window} sight @returns {number[]} the matrix, by columns */
export const windowMatrix = ({ left, right, bottom, top }) => [
  ...[2 / (right - left), 0, 0, 0],
  ...[0, 2 / (top - bottom), 0, 0],
  ...[0, 0, 0, 0],
  ...[-(right + left) / (right - left), -(top + bottom) / (top - bottom), 0, 1],
];

/** @param {Float32Array[]} places @returns {Extents} */
export const extentsOf = (places) => places.map(extent);

/**
 * All of the data, whatever its units, is a cube around which the eye goes.
 *
 * @param {Eye} eye @param {Extents} extents @param {number} aspect of width to height
 * @returns {number[]} the matrix, by columns
 */
export function eyeMatrix({ turn, tilt, zoom, x, y }, extents, aspect) {
  const [sinTurn, cosTurn, sinTilt, cosTilt] = [Math.sin(turn), Math.cos(turn), Math.sin(tilt), Math.cos(tilt)];
  // Rows: to the right, up, to the eye.
  const turned = [
    [cosTurn, 0, sinTurn],
    [sinTurn * sinTilt, cosTilt, -cosTurn * sinTilt],
    [-sinTurn * cosTilt, sinTilt, cosTurn * cosTilt],
  ];
  const scales = extents.map(([least, most]) => 2 / (most - least || 1));
  const middles = extents.map(([least, most]) => (least + most) / 2);
  const rows = turned.map((row) => {
    const scaled = row.map((part, axis) => part * scales[axis]);
    return [...scaled, -scaled.reduce((sum, part, axis) => sum + part * middles[axis], 0)];
  });
  const [right, up, near] = rows;
  const [wide, high] = aspect > 1 ? [FOCUS / aspect, FOCUS] : [FOCUS, FOCUS * aspect];
  const far = near.map((part, axis) => (axis === 3 ? AWAY : 0) - part);
  const clip = [
    right.map((part, axis) => part * wide * zoom + far[axis] * x),
    up.map((part, axis) => part * high * zoom + far[axis] * y),
    near.map((part) => -part * 0.5),
    far,
  ];
  return [0, 1, 2, 3].flatMap((axis) => clip.map((row) => row[axis]));
}

/** @param {Eye} eye @param {number} turn @param {number} tilt @returns {Eye} */
export const orbited = (eye, turn, tilt) => ({
  ...eye,
  turn: eye.turn + turn,
  tilt: Math.min(MOST_TILT, Math.max(-MOST_TILT, eye.tilt + tilt)),
});

/** @param {Eye} eye @param {number} by @param {number} x what stays where it is, from −1 to 1 @param {number} y @returns {Eye} */
export function approached(eye, by, x, y) {
  const zoom = Math.min(ZOOMS[1], Math.max(ZOOMS[0], eye.zoom * by));
  const share = zoom / eye.zoom;
  return { ...eye, zoom, x: x + (eye.x - x) * share, y: y + (eye.y - y) * share };
}

/**
 * @param {number[]} matrix @param {number} a @param {number} b @param {number} c a place in the data
 * @returns {[number, number, number]} where it is seen, from −1 to 1, and how far from the eye
 */
export function applied(matrix, a, b, c) {
  const w = matrix[3] * a + matrix[7] * b + matrix[11] * c + matrix[15];
  return [
    (matrix[0] * a + matrix[4] * b + matrix[8] * c + matrix[12]) / w,
    (matrix[1] * a + matrix[5] * b + matrix[9] * c + matrix[13]) / w,
    w,
  ];
}

/** @param {number[]} matrix @param {{width: number, height: number}} size @returns {(a: number, b: number, c: number) => [number, number, number]} to pixels */
export const screenOf =
  (matrix, { width, height }) =>
  (a, b, c) => {
    const [x, y, w] = applied(matrix, a, b, c);
    return [((x + 1) / 2) * width, ((1 - y) / 2) * height, w];
  };

/**
 * @param {number[]} matrix @param {Float32Array[]} places @param {Uint8Array} marks @param {{width: number, height: number}} size
 * @param {{x: number, y: number}} at
 * @returns {number | null} the matching point under the pointer: the foremost of those that it touches, else the nearest around
 */
export function nearestPoint(matrix, [xs, ys, zs], marks, { width, height }, at) {
  const [cx, cy] = [(at.x / width) * 2 - 1, 1 - (at.y / height) * 2];
  let best = NEAR * NEAR;
  let found = null;
  for (let row = 0; row < xs.length; row += 1) {
    if ((marks[row] & 1) === 0) continue;
    const [a, b, c] = [xs[row], ys[row], zs ? zs[row] : 0];
    const w = matrix[3] * a + matrix[7] * b + matrix[11] * c + matrix[15];
    const dx = ((matrix[0] * a + matrix[4] * b + matrix[8] * c + matrix[12]) / w - cx) * width * 0.5;
    const dy = ((matrix[1] * a + matrix[5] * b + matrix[9] * c + matrix[13]) / w - cy) * height * 0.5;
    const far = dx * dx + dy * dy;
    const rank = zs && far < TOUCH * TOUCH ? w - FOREMOST : far;
    if (rank < best) {
      best = rank;
      found = row;
    }
  }
  return found;
}
