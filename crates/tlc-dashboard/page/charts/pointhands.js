/** Hands over points, whatever these are looked at through: they point, click, drag, turn the wheel and press keys. */
import { useEffect, useRef } from 'preact/hooks';
import { nearestPoint } from './camera.js';
import { useMoving } from './pointcanvas.js';

const CLICK = 3;
const NEARER_A_PIXEL = 0.0015;
const ZOOMS = /** @type {Record<string, number>} */ ({ '+': 1.25, '=': 1.25, '-': 0.8 });
const MIDDLE = { x: 0.5, y: 0.5 };
const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const TOO_MANY = 2_000_000;
const RESTING_MS = 120;

/** @typedef {{x: number, y: number}} At in pixels, or in parts of the room, from its upper left corner */
/**
 * @template V, K
 * @typedef {At & {view: V, kind: K, hasMoved: boolean}} Drag where it began, and at which view
 */

/**
 * @template V what one looks through
 * @template K kinds of dragging
 * @param {object} props
 * @param {import('preact').RefObject<HTMLElement>} props.ref
 * @param {import('./pointcanvas.js').Drawn} props.drawn
 * @param {{width: number, height: number}} props.size
 * @param {number[]} props.matrix
 * @param {V} props.view
 * @param {(next: V | ((before: V) => V)) => void} props.setView
 * @param {V} props.home how it is at first
 * @param {(before: V, by: number, at: At) => V} props.nearer what is at that part of the room stays there
 * @param {(before: V, x: number, y: number, isShifted: boolean) => V} props.stepped by an arrow key
 * @param {(event: PointerEvent) => K | null} props.grip null where this button drags nothing
 * @param {(drag: Drag<V, K>, at: At) => V | null} props.dragged
 * @param {(drag: Drag<V, K>) => void} [props.dropped]
 * @param {(row: number | null, x: number, y: number) => void} props.onHover
 * @param {(row: number | null, isAdding: boolean) => void} props.onClick
 */
export function useHands(props) {
  const { ref, drawn, size, matrix, view, setView } = props;
  const { places, marks } = drawn;
  const [isMoving, move] = useMoving();
  const drag = useRef(/** @type {Drag<V, K> | null} */ (null));
  const see = (/** @type {V | ((before: V) => V)} */ next) => {
    move();
    setView(next);
  };
  const place = (/** @type {{clientX: number, clientY: number}} */ event) => {
    const box = /** @type {HTMLElement} */ (ref.current).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const nearest = (/** @type {{clientX: number, clientY: number}} */ event) => nearestPoint(matrix, places, marks, size, place(event));
  const pointing = usePointing(places[0].length, (clientX, clientY) => props.onHover(nearest({ clientX, clientY }), clientX, clientY));
  const onPointerLeave = () => {
    pointing.leave();
    props.onHover(null, 0, 0);
  };
  const onPointerDown = (/** @type {PointerEvent} */ event) => {
    const kind = props.grip(event);
    if (kind === null) return;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    drag.current = { ...place(event), view, kind, hasMoved: false };
  };
  const onPointerMove = (/** @type {PointerEvent} */ event) => {
    const now = drag.current;
    if (!now) return pointing.point(event.clientX, event.clientY);
    const at = place(event);
    if (!now.hasMoved && Math.hypot(at.x - now.x, at.y - now.y) < CLICK) return;
    if (!now.hasMoved) onPointerLeave();
    now.hasMoved = true;
    const next = props.dragged(now, at);
    if (next !== null) see(next);
  };
  const onPointerUp = (/** @type {PointerEvent} */ event) => {
    const now = drag.current;
    drag.current = null;
    if (now?.hasMoved) props.dropped?.(now);
    else if (now && event.button === 0) props.onClick(nearest(event), event.ctrlKey || event.metaKey);
  };
  const onWheel = (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    const { x, y } = place(event);
    const at = { x: x / size.width, y: y / size.height };
    see((before) => props.nearer(before, Math.exp(-event.deltaY * NEARER_A_PIXEL), at));
  };
  useEffect(() => {
    const element = ref.current;
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const { key, shiftKey } = event;
    if (key === '0') see(props.home);
    else if (ZOOMS[key]) see((before) => props.nearer(before, ZOOMS[key], MIDDLE));
    else if (ARROWS[key]) see((before) => props.stepped(before, ...ARROWS[key], shiftKey));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onDblClick = () => setView(props.home);
  return { isMoving, hands: { onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onDblClick, onKeyDown } };
}

/**
 * What is under the pointer: at once, or, where looking through all points takes longer than a frame, as soon as it rests.
 *
 * @param {number} points @param {(x: number, y: number) => void} look
 * @returns {{point: (x: number, y: number) => void, leave: () => void}}
 */
function usePointing(points, look) {
  const timer = useRef(0);
  const leave = () => clearTimeout(timer.current);
  useEffect(() => leave, []);
  const point = (/** @type {number} */ x, /** @type {number} */ y) => {
    leave();
    if (points < TOO_MANY) look(x, y);
    else timer.current = window.setTimeout(() => look(x, y), RESTING_MS);
  };
  return { point, leave };
}
