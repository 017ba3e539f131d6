/** What stands beside points on a canvas of its own: rings around some, the cube that three dimensions are in. */
import { css } from './colors.js';

/** @param {CanvasRenderingContext2D} context @param {[number, number, ...number[]][]} places */
export function drawRings(context, places) {
  context.strokeStyle = css('--ink');
  context.lineWidth = 2;
  for (const [a, b] of places) {
    if (!Number.isFinite(a + b)) continue;
    context.beginPath();
    context.arc(a, b, 8, 0, Math.PI * 2);
    context.stroke();
  }
}

const CORNERS = Array.from({ length: 8 }, (_, at) => [at & 1, (at >> 1) & 1, (at >> 2) & 1]);
const EDGES = CORNERS.flatMap((_, from) => [1, 2, 4].filter((bit) => !(from & bit)).map((bit) => /** @type {const} */ ([from, from | bit])));
const AWAY = 12;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./camera.js').Extents} extents @param {string[]} names of the axes
 * @param {(a: number, b: number, c: number) => [number, number, number]} toScreen
 */
export function drawCube(context, extents, names, toScreen) {
  const seen = CORNERS.map(([a, b, c]) => toScreen(extents[0][a], extents[1][b], extents[2][c]));
  context.strokeStyle = css('--bar');
  context.lineWidth = 1;
  const nearest = seen.reduce((best, corner, at) => (corner[2] < seen[best][2] ? at : best), 0);
  for (const [from, to] of EDGES) {
    if (from === nearest || to === nearest) continue;
    context.beginPath();
    context.moveTo(seen[from][0], seen[from][1]);
    context.lineTo(seen[to][0], seen[to][1]);
    context.stroke();
  }
  const middle = [0, 1].map((side) => seen.reduce((sum, corner) => sum + corner[side], 0) / seen.length);
  context.fillStyle = css('--dim');
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  names.forEach((name, axis) => {
    const [x, y] = outermost(seen, axis, middle);
    const far = Math.hypot(x - middle[0], y - middle[1]) || 1;
    context.textAlign = x < middle[0] ? 'right' : 'left';
    context.fillText(name, x + ((x - middle[0]) / far) * AWAY, y + ((y - middle[1]) / far) * AWAY);
  });
}

/** @param {[number, number, number][]} seen @param {number} axis @param {number[]} middle @returns {[number, number]} the middle of that edge along the axis which is farthest out */
function outermost(seen, axis, middle) {
  const places = EDGES.filter(([from, to]) => (from ^ to) === 1 << axis).map(
    ([from, to]) => /** @type {[number, number]} */ ([(seen[from][0] + seen[to][0]) / 2, (seen[from][1] + seen[to][1]) / 2]),
  );
  const far = (/** @type {[number, number]} */ [x, y]) => Math.hypot(x - middle[0], y - middle[1]);
  return places.reduce((best, each) => (far(each) > far(best) ? each : best));
}
