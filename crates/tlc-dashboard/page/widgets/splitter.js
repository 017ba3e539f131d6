/** A line between two panels that can be moved, by the pointer and by the arrow keys. */
import { html } from './html.js';

/**
 * @param {{name: string, least: number, most: number, isRow?: boolean, isFromEnd?: boolean}} props `name` of the CSS variable that holds the size
 */
export function Splitter({ name, least, most, isRow = false, isFromEnd = false }) {
  const set = (/** @type {number} */ size) =>
    document.documentElement.style.setProperty(name, `${Math.round(Math.min(Math.max(size, least), most))}px`);
  const now = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue(name));
  const start = (/** @type {PointerEvent} */ event) => {
    const handle = /** @type {HTMLElement} */ (event.currentTarget);
    const panel = /** @type {HTMLElement | null} */ (isFromEnd ? handle.nextElementSibling : handle.previousElementSibling);
    const size = panel ? (isRow ? panel.offsetHeight : panel.offsetWidth) : now();
    const at = isRow ? event.clientY : event.clientX;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) => set(size + ((isRow ? moved.clientY : moved.clientX) - at) * (isFromEnd ? -1 : 1));
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    const steps = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 };
    const step = /** @type {Record<string, number>} */ (steps)[event.key];
    if (!step) return;
    event.preventDefault();
    set(now() + step * (isFromEnd ? -1 : 1));
  };
  return html`<div class=${`splitter ${isRow ? 'is-row' : ''}`} role="separator" tabindex="0" aria-label="size of the panel"
    aria-valuemin=${least} aria-valuemax=${most} aria-valuenow=${now() || least}
    aria-orientation=${isRow ? 'horizontal' : 'vertical'}
    onPointerDown=${start} onKeyDown=${press} onDblClick=${() => document.documentElement.style.removeProperty(name)} />`;
}
