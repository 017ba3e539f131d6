/** Points in three dimensions: an eye that goes around them, nearer and farther, and the point under the pointer. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isDark } from '../state/theme.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { AT_FIRST, AWAY, approached, extentsOf, eyeMatrix, nearestPoint, orbited, screenOf } from './camera.js';
import { prepare } from './canvas.js';
import { css, rgb } from './colors.js';
import { drawCube, drawRings } from './overlay.js';
import { PointCanvas, useMoving, usePointing } from './pointcanvas.js';

/** @typedef {import('./camera.js').Eye} Eye */

const HAZE = 0.45;
const CLICK = 3;
const RADIANS_A_PIXEL = 0.008;
const KEY_ANGLE = Math.PI / 24;
const KEY_STEP = 0.1;
/** What one can do, in words. */
export const HANDS =
  'Drag or arrow keys: around. With shift: aside. Wheel or + and −: nearer and farther. 0 or double click: as at first. A lasso needs two dimensions: see Points.';

/**
 * @param {object} props
 * @param {import('./pointcanvas.js').Drawn} props.drawn
 * @param {string[]} props.names of the axes
 * @param {number[]} props.ringed rows with a ring
 * @param {string} props.label
 * @param {(row: number | null, x: number, y: number) => void} props.onHover
 * @param {(row: number | null, isAdding: boolean) => void} props.onClick
 */
export function Points3(props) {
  const { drawn, names, ringed, label } = props;
  const { places, marks } = drawn;
  const [ref, size] = useSize();
  const under = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const over = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [eye, setEye] = useState(AT_FIRST);
  const [isMoving, move] = useMoving();
  const drag = useRef(/** @type {{x: number, y: number, eye: Eye, isAside: boolean, hasMoved: boolean} | null} */ (null));
  const extents = useMemo(() => extentsOf(places), [places]);
  const paper = css('--paper');
  const placement = useMemo(() => {
    const [r, g, b] = rgb(paper).map((each) => each / 255);
    return {
      matrix: eyeMatrix(eye, extents, size.width / Math.max(size.height, 1)),
      away: AWAY,
      haze: /** @type {[number, number, number, number]} */ ([r, g, b, HAZE]),
      isDeep: true,
    };
  }, [eye, extents, size.width, size.height, paper, isDark.value]);
  const toScreen = screenOf(placement.matrix, size);

  useLayoutEffect(() => {
    if (!under.current || !over.current || size.width < 8) return;
    drawCube(prepare(under.current, size.width, size.height), extents, names, size, toScreen);
    drawRings(
      prepare(over.current, size.width, size.height),
      ringed.map((row) => toScreen(places[0][row], places[1][row], places[2][row])),
    );
  });

  const place = (/** @type {{clientX: number, clientY: number}} */ event) => {
    const box = /** @type {HTMLElement} */ (ref.current).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const nearest = (/** @type {{x: number, y: number}} */ at) => nearestPoint(placement.matrix, places, marks, size, at);
  const pointing = usePointing(places[0].length, (clientX, clientY) => props.onHover(nearest(place({ clientX, clientY })), clientX, clientY));
  const onLeave = () => {
    pointing.leave();
    props.onHover(null, 0, 0);
  };
  const see = (/** @type {(before: Eye) => Eye} */ next) => {
    move();
    setEye(next);
  };
  const onDown = (/** @type {PointerEvent} */ event) => {
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    drag.current = { ...place(event), eye, isAside: event.shiftKey || event.button > 0, hasMoved: false };
  };
  const onMove = (/** @type {PointerEvent} */ event) => {
    const at = place(event);
    const now = drag.current;
    if (!now) {
      pointing.point(event.clientX, event.clientY);
      return;
    }
    const [dx, dy] = [at.x - now.x, at.y - now.y];
    if (!now.hasMoved && Math.hypot(dx, dy) < CLICK) return;
    if (!now.hasMoved) onLeave();
    now.hasMoved = true;
    see(() =>
      now.isAside
        ? { ...now.eye, x: now.eye.x + (2 * dx) / size.width, y: now.eye.y - (2 * dy) / size.height }
        : orbited(now.eye, dx * RADIANS_A_PIXEL, dy * RADIANS_A_PIXEL),
    );
  };
  const onUp = (/** @type {PointerEvent} */ event) => {
    const now = drag.current;
    drag.current = null;
    if (now && !now.hasMoved && event.button === 0) props.onClick(nearest(place(event)), event.ctrlKey || event.metaKey);
  };
  const onWheel = (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    const at = place(event);
    see((before) => approached(before, Math.exp(-event.deltaY * 0.0015), (at.x / size.width) * 2 - 1, 1 - (at.y / size.height) * 2));
  };
  useEffect(() => {
    const element = ref.current;
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const next = byKey(event);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    see(next);
  };
  return html`<div class="points orbit" ref=${ref} role="img" aria-label=${label} tabindex="0" aria-description=${HANDS}
      onPointerDown=${onDown} onPointerMove=${onMove} onPointerUp=${onUp} onPointerLeave=${onLeave}
      onDblClick=${() => setEye(AT_FIRST)} onKeyDown=${onKey} onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}>
    <canvas key="under" ref=${under} /><${PointCanvas} drawn=${drawn} size=${size} placement=${placement} isMoving=${isMoving} />
    <canvas key="over" ref=${over} />
  </div>`;
}

/** @param {KeyboardEvent} event @returns {((before: Eye) => Eye) | null} */
function byKey({ key, shiftKey }) {
  const zooms = /** @type {Record<string, number>} */ ({ '+': 1.25, '=': 1.25, '-': 0.8 });
  const arrows = /** @type {Record<string, [number, number]>} */ ({
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  });
  if (key === '0') return () => AT_FIRST;
  if (zooms[key]) return (before) => approached(before, zooms[key], 0, 0);
  if (!arrows[key]) return null;
  const [x, y] = arrows[key];
  return shiftKey
    ? (before) => ({ ...before, x: before.x + x * KEY_STEP, y: before.y - y * KEY_STEP })
    : (before) => orbited(before, x * KEY_ANGLE, y * KEY_ANGLE);
}
