/** A line between two panels that can be moved, by the pointer and by the arrow keys. Where it was is remembered. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';

const STEP = 16;

/**
 * @param {{name: string, least: number, most: number, isRow?: boolean, isFromEnd?: boolean}} props `name` of the CSS variable that holds the size
 */
export function Splitter({ name, least, most, isRow = false, isFromEnd = false }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const [size, setSize] = useState(least);
  const measured = () => {
    const panel = /** @type {HTMLElement | null} */ (isFromEnd ? ref.current?.nextElementSibling : ref.current?.previousElementSibling);
    return panel ? (isRow ? panel.offsetHeight : panel.offsetWidth) : least;
  };
  const put = (/** @type {number} */ wanted) => {
    const next = Math.round(Math.min(Math.max(wanted, least), most));
    document.documentElement.style.setProperty(name, `${next}px`);
    setSize(next);
    return next;
  };
  useLayoutEffect(() => {
    const before = recalled(name);
    if (before) put(before);
  }, []);
  useEffect(() => setSize(measured()), []);
  const start = (/** @type {PointerEvent} */ event) => {
    const handle = /** @type {HTMLElement} */ (event.currentTarget);
    const first = measured();
    const at = isRow ? event.clientY : event.clientX;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) => put(first + ((isRow ? moved.clientY : moved.clientX) - at) * (isFromEnd ? -1 : 1));
    handle.onpointerup = () => {
      handle.onpointermove = null;
      if (measured() !== first) remember(name, measured());
    };
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    const steps = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP };
    const step = /** @type {Record<string, number>} */ (steps)[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    remember(name, put(measured() + step * (isFromEnd ? -1 : 1)));
  };
  const asAtFirst = () => {
    document.documentElement.style.removeProperty(name);
    remember(name, null);
    setSize(measured());
  };
  return html`<div ref=${ref} class=${`splitter ${isRow ? 'is-row' : ''}`} role="separator" tabindex="0" aria-label="size of the panel"
    title="drag, or arrow keys; double click: as at first" aria-valuemin=${least} aria-valuemax=${most} aria-valuenow=${size}
    aria-orientation=${isRow ? 'horizontal' : 'vertical'} onPointerDown=${start} onKeyDown=${press} onDblClick=${asAtFirst} />`;
}

/** @param {string} name @returns {number} the size of before, 0 if there was none */
function recalled(name) {
  try {
    return Number(localStorage.getItem(`tlc${name}`)) || 0;
  } catch {
    return 0;
  }
}

/** @param {string} name @param {number | null} size */
function remember(name, size) {
  try {
    if (size === null) localStorage.removeItem(`tlc${name}`);
    else localStorage.setItem(`tlc${name}`, String(size));
  } catch {
    /* a private window keeps nothing */
  }
}
