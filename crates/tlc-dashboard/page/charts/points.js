/** Points in two dimensions: pan, zoom, lasso, and the point under the pointer. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { extentsOf, windowMatrix } from './camera.js';
import { prepare } from './canvas.js';
import { css } from './colors.js';
import { drawAxes, drawDiagonal, drawRings } from './overlay.js';
import { PointCanvas } from './pointcanvas.js';
import { useHands } from './pointhands.js';

/** @typedef {import('./camera.js').Window} Window */

const LASSO_STEP = 3;
const KEY_STEP = 0.08;
/** What one can do, in words. */
export const HANDS = 'Wheel or + and −: nearer and farther. Arrow keys: aside. 0 or double click: all.';
const NO_HAZE = /** @type {[number, number, number, number]} */ ([0, 0, 0, 0]);

/**
 * @param {object} props
 * @param {import('./pointcanvas.js').Drawn} props.drawn
 * @param {'lasso' | 'pan'} props.tool
 * @param {number[]} props.ringed rows with a ring
 * @param {[number, number][] | null} props.lasso the lasso that is a filter
 * @param {string[] | null} [props.names] of the axes, where their values say something
 * @param {boolean} [props.isSame] both axes are of the same values, and a line tells where they are equal
 * @param {string} props.label
 * @param {(polygon: [number, number][]) => void} props.onLasso
 * @param {(row: number | null, x: number, y: number) => void} props.onHover
 * @param {(row: number | null, isAdding: boolean) => void} props.onClick
 */
export function Points(props) {
  const { drawn, tool, ringed, lasso, names = null, isSame = false, label } = props;
  const { places } = drawn;
  const [ref, size] = useSize();
  const over = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const home = useMemo(() => all(places, isSame), [places, isSame]);
  const [sight, setSight] = useState(home);
  const [path, setPath] = useState(/** @type {[number, number][] | null} */ (null));
  const placement = useMemo(() => ({ matrix: windowMatrix(sight), away: 1, haze: NO_HAZE, isDeep: false }), [sight]);

  useEffect(() => setSight(home), [home]);
  useLayoutEffect(() => {
    if (!over.current || size.width < 8) return;
    const context = prepare(over.current, size.width, size.height);
    const toScreen = screenOf(sight, size);
    if (names) drawAxes(context, sight, size, names);
    if (isSame) drawDiagonal(context, sight, toScreen);
    drawOutline(context, path ?? lasso?.map(([a, b]) => toScreen(a, b)) ?? null);
    drawRings(
      context,
      ringed.map((row) => toScreen(places[0][row], places[1][row])),
    );
  });

  const { isMoving, hands } = useHands({
    ...{ ref, drawn, size, matrix: placement.matrix, view: sight, setView: setSight, onHover: props.onHover, onClick: props.onClick },
    home,
    nearer: (before, by, at) => zoomed(before, 1 / by, at.x, 1 - at.y),
    stepped: (before, x, y) => moved(before, -x * KEY_STEP, -y * KEY_STEP),
    grip: ({ button, shiftKey }) => (button > 1 ? null : button === 1 || (tool === 'pan') !== shiftKey ? 'pan' : 'lasso'),
    dragged(from, at) {
      if (from.kind === 'pan') return moved(from.view, (at.x - from.x) / size.width, (at.y - from.y) / size.height);
      setPath((before) => extended(before ?? [[from.x, from.y]], at));
      return null;
    },
    dropped() {
      if (path && path.length > 2) props.onLasso(path.map(([a, b]) => dataOf(sight, size, a, b)));
      setPath(null);
    },
  });
  return html`<div class=${`points ${tool}`} ref=${ref} role="img" aria-label=${label} tabindex="0" aria-description=${HANDS} ...${hands}>
    <${PointCanvas} drawn=${drawn} size=${size} placement=${placement} isMoving=${isMoving} /><canvas key="over" ref=${over} />
  </div>`;
}

/** @param {Float32Array[]} places @param {boolean} isSame @returns {Window} all points, with a margin */
function all(places, isSame) {
  const [across, up] = extentsOf(places);
  const both = /** @type {[number, number]} */ ([Math.min(across[0], up[0]), Math.max(across[1], up[1])]);
  const [[left, right], [bottom, top]] = isSame ? [both, both] : [across, up];
  const [dx, dy] = [(right - left || 1) * 0.04, (top - bottom || 1) * 0.04];
  return { left: left - dx, right: right + dx, bottom: bottom - dy, top: top + dy };
}

/** @param {Window} sight @param {{width: number, height: number}} size @returns {(a: number, b: number) => [number, number]} */
const screenOf = (sight, size) => (a, b) => [
  ((a - sight.left) / (sight.right - sight.left)) * size.width,
  (1 - (b - sight.bottom) / (sight.top - sight.bottom)) * size.height,
];

/** @param {Window} sight @param {{width: number, height: number}} size @param {number} a @param {number} b @returns {[number, number]} */
const dataOf = (sight, size, a, b) => [
  Number((sight.left + (a / size.width) * (sight.right - sight.left)).toPrecision(5)),
  Number((sight.bottom + (1 - b / size.height) * (sight.top - sight.bottom)).toPrecision(5)),
];

/** @param {Window} sight @param {number} dx @param {number} dy @returns {Window} */
function moved({ left, right, bottom, top }, dx, dy) {
  const [x, y] = [dx * (right - left), dy * (top - bottom)];
  return { left: left - x, right: right - x, bottom: bottom + y, top: top + y };
}

/** @param {Window} sight @param {number} by @param {number} px @param {number} py @returns {Window} */
function zoomed({ left, right, bottom, top }, by, px, py) {
  const [x, y] = [left + (right - left) * px, bottom + (top - bottom) * py];
  return { left: x + (left - x) * by, right: x + (right - x) * by, bottom: y + (bottom - y) * by, top: y + (top - y) * by };
}

/** @param {[number, number][]} path @param {{x: number, y: number}} at @returns {[number, number][]} */
function extended(path, at) {
  const [a, b] = path[path.length - 1];
  return Math.hypot(at.x - a, at.y - b) < LASSO_STEP ? path : [...path, [at.x, at.y]];
}

/** @param {CanvasRenderingContext2D} context @param {[number, number][] | null} path */
function drawOutline(context, path) {
  if (!path || path.length < 2) return;
  context.beginPath();
  path.forEach(([a, b], at) => (at ? context.lineTo(a, b) : context.moveTo(a, b)));
  context.closePath();
  context.strokeStyle = css('--accent');
  context.lineWidth = 1.5;
  context.stroke();
  context.globalAlpha = 0.07;
  context.fillStyle = css('--accent');
  context.fill();
  context.globalAlpha = 1;
}
