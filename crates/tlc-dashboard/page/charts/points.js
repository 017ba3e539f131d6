/** Points in two dimensions: pan, zoom, lasso, and the point under the pointer. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDark } from '../state/theme.js';
import { extent } from '../state/columns.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { prepare } from './canvas.js';
import { css, rgb } from './colors.js';
import { flatPoints } from './flatpoints.js';
import { glPoints } from './webgl.js';

/** @typedef {{left: number, right: number, bottom: number, top: number}} Window what of the data is in sight */

const MANY = 200_000;
const NEAR = 10;
const LASSO_STEP = 3;

/**
 * @param {object} props
 * @param {Float32Array} props.x
 * @param {Float32Array} props.y
 * @param {Uint8Array} props.colors RGBA of each point
 * @param {Uint8Array} props.marks bit 0 matching, bit 1 selected, bits 2 and 3 the shape
 * @param {boolean} props.isFiltered
 * @param {number} props.matching
 * @param {'lasso' | 'pan'} props.tool
 * @param {number[]} props.ringed rows with a ring
 * @param {[number, number][] | null} props.lasso the lasso that is a filter
 * @param {string} props.label
 * @param {(polygon: [number, number][]) => void} props.onLasso
 * @param {(row: number | null, x: number, y: number) => void} props.onHover
 * @param {(row: number | null, isAdding: boolean) => void} props.onClick
 */
export function Points(props) {
  const { x, y, colors, marks, isFiltered, matching, tool, ringed, lasso, label } = props;
  const [ref, size] = useSize();
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const over = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const painter = useRef(/** @type {ReturnType<typeof glPoints>} */ (null));
  const [isFlat, setFlat] = useState(false);
  const [sight, setSight] = useState(/** @type {Window} */ ({ left: 0, right: 1, bottom: 0, top: 1 }));
  const [path, setPath] = useState(/** @type {[number, number][] | null} */ (null));
  const drag = useRef(/** @type {{x: number, y: number, sight: Window, isPan: boolean, hasMoved: boolean} | null} */ (null));
  const frame = useRef(0);
  const isMoving = drag.current?.isPan === true && drag.current.hasMoved;

  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const element = canvas.current;
    const onLost = () => setFlat(true);
    painter.current = isFlat ? flatPoints(element) : glPoints(element);
    if (!painter.current) setFlat(true);
    element.addEventListener('webglcontextlost', onLost);
    return () => {
      element.removeEventListener('webglcontextlost', onLost);
      painter.current?.destroy();
    };
  }, [isFlat]);
  useEffect(() => {
    setSight(all(x, y));
  }, [x, y]);
  useEffect(() => painter.current?.setPlaces(x, y), [x, y, isFlat]);
  useEffect(() => painter.current?.setColors(colors), [colors, isFlat]);
  useEffect(() => painter.current?.setMarks(marks), [marks, isFlat]);
  useEffect(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      if (!canvas.current || size.width < 8 || colors.length < x.length * 4 || marks.length < x.length) return;
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
      if (canvas.current.width !== width || canvas.current.height !== height) Object.assign(canvas.current, { width, height });
      const step = isMoving && x.length > MANY ? Math.ceil(x.length / MANY) : 1;
      painter.current?.draw(placement(sight), pens(x.length, matching, isFiltered, ratio, size), step);
    });
  }, [x, y, colors, marks, sight, size.width, size.height, isFiltered, matching, isMoving, isDark.value, isFlat]);
  useLayoutEffect(() => {
    if (!over.current || size.width < 8) return;
    const context = prepare(over.current, size.width, size.height);
    const toScreen = screenOf(sight, size);
    drawOutline(context, path ?? lasso?.map(([a, b]) => toScreen(a, b)) ?? null);
    drawRings(
      context,
      ringed.map((row) => toScreen(x[row], y[row])),
    );
  });

  const place = (/** @type {MouseEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (ref.current).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const nearest = (/** @type {{x: number, y: number}} */ at) => nearestPoint(x, y, marks, sight, size, at);
  const onDown = (/** @type {PointerEvent} */ event) => {
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    const at = place(event);
    const isPan = event.button === 1 || (tool === 'pan') !== event.shiftKey;
    drag.current = { ...at, sight, isPan, hasMoved: false };
  };
  const onMove = (/** @type {PointerEvent} */ event) => {
    const at = place(event);
    const now = drag.current;
    if (!now) {
      props.onHover(nearest(at), event.clientX, event.clientY);
      return;
    }
    if (!now.hasMoved && Math.hypot(at.x - now.x, at.y - now.y) < LASSO_STEP) return;
    if (!now.hasMoved) props.onHover(null, 0, 0);
    now.hasMoved = true;
    if (now.isPan) setSight(moved(now.sight, (at.x - now.x) / size.width, (at.y - now.y) / size.height));
    else setPath((before) => extended(before ?? [[now.x, now.y]], at));
  };
  const onUp = (/** @type {PointerEvent} */ event) => {
    const now = drag.current;
    drag.current = null;
    if (!now) return;
    if (!now.hasMoved) props.onClick(nearest(place(event)), event.ctrlKey || event.metaKey);
    else if (now.isPan) setSight({ ...sight });
    else if (path && path.length > 2) props.onLasso(path.map(([a, b]) => dataOf(sight, size, a, b)));
    setPath(null);
  };
  const onWheel = (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    const at = place(event);
    setSight((before) => zoomed(before, Math.exp(event.deltaY * 0.0015), at.x / size.width, 1 - at.y / size.height));
  };
  useEffect(() => {
    const element = ref.current;
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const zooms = /** @type {Record<string, number>} */ ({ '+': 0.8, '=': 0.8, '-': 1.25 });
    if (event.key === '0') setSight(all(x, y));
    else if (zooms[event.key]) setSight((before) => zoomed(before, zooms[event.key], 0.5, 0.5));
    else return;
    event.stopPropagation();
  };
  return html`<div class=${`points ${tool}`} ref=${ref} role="img" aria-label=${label} tabindex="0"
      onPointerDown=${onDown} onPointerMove=${onMove} onPointerUp=${onUp} onPointerLeave=${() => props.onHover(null, 0, 0)} onDblClick=${() => setSight(all(x, y))} onKeyDown=${onKey}>
    <canvas key=${isFlat ? 'flat' : 'gl'} ref=${canvas} /><canvas key="over" ref=${over} />
    ${isFlat && html`<div class="hint">Drawn without WebGL2: up to 40,000 points.</div>`}
  </div>`;
}

/** @param {Float32Array} x @param {Float32Array} y @returns {Window} all points, with a margin */
function all(x, y) {
  const [left, right] = extent(x);
  const [bottom, top] = extent(y);
  const [dx, dy] = [(right - left || 1) * 0.04, (top - bottom || 1) * 0.04];
  return { left: left - dx, right: right + dx, bottom: bottom - dy, top: top + dy };
}

/** @param {Window} sight @returns {import('./webgl.js').Placement} */
const placement = ({ left, right, bottom, top }) => ({
  scale: [2 / (right - left), 2 / (top - bottom)],
  offset: [-(right + left) / (right - left), -(top + bottom) / (top - bottom)],
});

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

/**
 * How points look: out of the filters, in them, selected. Few points are large.
 *
 * @param {number} points @param {number} matching @param {boolean} isFiltered @param {number} ratio @param {{width: number, height: number}} size
 * @returns {[import('./webgl.js').Pen, import('./webgl.js').Pen, import('./webgl.js').Pen]}
 */
function pens(points, matching, isFiltered, ratio, size) {
  const room = Math.sqrt((size.width * size.height) / Math.max(points, 1));
  const small = Math.min(6, Math.max(1.5, room * 0.55)) * ratio;
  const clear = isFiltered && matching < 3000 ? Math.max(small, 7 * ratio) : small;
  const paper = rgb(css('--paper')).map((each) => each / 255);
  const ink = rgb(css('--ink')).map((each) => each / 255);
  const isRimmed = clear > 5 * ratio;
  return [
    { size: Math.max(small * 0.8, 1.5 * ratio), alpha: isDark.value ? 0.22 : 0.16, edge: [0, 0, 0, 0] },
    { size: clear, alpha: isFiltered ? 0.95 : points > 20_000 ? 0.6 : 0.8, edge: [paper[0], paper[1], paper[2], isRimmed ? 0.8 : 0] },
    { size: Math.max(small * 1.6, 9 * ratio), alpha: 1, edge: [ink[0], ink[1], ink[2], 1] },
  ];
}

/**
 * @param {Float32Array} x @param {Float32Array} y @param {Uint8Array} marks @param {Window} sight
 * @param {{width: number, height: number}} size @param {{x: number, y: number}} at
 * @returns {number | null} the matching point under the pointer
 */
function nearestPoint(x, y, marks, sight, size, at) {
  const [sx, sy] = [size.width / (sight.right - sight.left), size.height / (sight.top - sight.bottom)];
  const [cx, cy] = [sight.left + at.x / sx, sight.top - at.y / sy];
  let best = NEAR * NEAR;
  let found = null;
  for (let row = 0; row < x.length; row += 1) {
    if ((marks[row] & 1) === 0) continue;
    const [dx, dy] = [(x[row] - cx) * sx, (y[row] - cy) * sy];
    const far = dx * dx + dy * dy;
    if (far < best) {
      best = far;
      found = row;
    }
  }
  return found;
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

/** @param {CanvasRenderingContext2D} context @param {[number, number][]} places */
function drawRings(context, places) {
  context.strokeStyle = css('--ink');
  context.lineWidth = 2;
  for (const [a, b] of places) {
    if (!Number.isFinite(a + b)) continue;
    context.beginPath();
    context.arc(a, b, 8, 0, Math.PI * 2);
    context.stroke();
  }
}
