/** What stands beside points on a canvas of its own: rings around some, axes, the cube that three dimensions are in. */
import { FONT } from './canvas.js';
import { css } from './colors.js';
import { tickText, ticks } from './ticks.js';

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

const HALO = 3;
const TICK_ROOM = { across: 80, up: 36 };
const EDGE = 8;
const MOST_NAME = 16;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./camera.js').Window} sight @param {{width: number, height: number}} size
 * @param {string[]} names
 */
export function drawAxes(context, { left, right, bottom, top }, { width, height }, [across, up]) {
  context.font = FONT;
  context.lineWidth = HALO;
  context.strokeStyle = css('--paper');
  context.fillStyle = css('--dim');
  const write = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y, /** @type {CanvasTextAlign} */ align) => {
    context.textAlign = align;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
  context.textBaseline = 'bottom';
  const nameAt = width - EDGE - context.measureText(`${across} →`).width;
  for (const tick of ticks(left, right, width / TICK_ROOM.across)) {
    const x = ((tick - left) / (right - left)) * width;
    if (x > 48 && x < nameAt - 24) write(tickText(tick), x, height - 2, 'center');
  }
  write(`${across} →`, width - EDGE, height - 2, 'right');
  context.textBaseline = 'middle';
  for (const tick of ticks(bottom, top, height / TICK_ROOM.up)) {
    const y = (1 - (tick - bottom) / (top - bottom)) * height;
    if (y > 48 && y < height - 20) write(tickText(tick), EDGE, y, 'left');
  }
  write(`↑ ${up}`, EDGE, 32, 'left');
}

/** @param {CanvasRenderingContext2D} context @param {import('./camera.js').Window} sight @param {(a: number, b: number) => [number, number]} toScreen */
export function drawDiagonal(context, { left, right }, toScreen) {
  context.strokeStyle = css('--faint');
  context.lineWidth = 1;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(...toScreen(left, left));
  context.lineTo(...toScreen(right, right));
  context.stroke();
  context.setLineDash([]);
}

const CORNERS = Array.from({ length: 8 }, (_, at) => [at & 1, (at >> 1) & 1, (at >> 2) & 1]);
const EDGES = CORNERS.flatMap((_, from) => [1, 2, 4].filter((bit) => !(from & bit)).map((bit) => /** @type {const} */ ([from, from | bit])));
const AWAY = 12;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./camera.js').Extents} extents @param {string[]} names of the axes
 * @param {{width: number, height: number}} size @param {(a: number, b: number, c: number) => [number, number, number]} toScreen
 */
export function drawCube(context, extents, names, size, toScreen) {
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
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  names.map(brief).forEach((name, axis) => {
    const [x, y] = outermost(seen, axis, middle);
    const far = Math.hypot(x - middle[0], y - middle[1]) || 1;
    const wide = context.measureText(name).width;
    const left = x + ((x - middle[0]) / far) * AWAY - (x < middle[0] ? wide : 0);
    context.fillText(name, Math.max(EDGE, Math.min(left, size.width - wide - EDGE)), y + ((y - middle[1]) / far) * AWAY);
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

/** @param {string} name @returns {string} its end, which tells axes apart, where there is no room for all of it */
const brief = (name) => (name.length > MOST_NAME ? `…${name.slice(1 - MOST_NAME)}` : name);
