/**
 * A list as long as one likes, of which only what is in sight is there. Browsers cap the height of an element: where
 * the list is taller, the place of the scroll bar is mapped to a row, and the wheel moves by rows.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { useSize } from './hooks.js';

const MOST_PIXELS = 8_000_000;
const LINE = 16;

/** @typedef {{show: (line: number) => void, lines: () => number}} Scroller */

/**
 * @param {object} props
 * @param {number} props.lines
 * @param {number} props.height of a line
 * @param {number | string} [props.width] of the content
 * @param {any} [props.header]
 * @param {number} [props.headerHeight]
 * @param {string} props.startKey the list goes to its start when this changes
 * @param {{current: Scroller | null}} [props.scroller]
 * @param {string} props.label
 * @param {'region' | 'table'} [props.role] what it is to those who don't see it
 * @param {(first: number, end: number) => any} props.draw
 */
export function Virtual({ lines, height, width = '100%', header, headerHeight = 0, startKey, scroller, label, role = 'region', draw }) {
  const [ref, size] = useSize();
  const [top, setTop] = useState(0);
  const own = useRef(-1);
  const room = Math.max(0, size.height - headerHeight);
  const isCapped = lines * height > MOST_PIXELS;
  const space = Math.min(lines * height, MOST_PIXELS) + headerHeight;
  const lastTop = Math.max(0, lines - room / height);
  const at = Math.min(top, lastTop);

  /** @param {number} line */
  const scrollTo = (line) => {
    const element = ref.current;
    if (!element) return;
    const next = Math.min(Math.max(0, line), lastTop);
    element.scrollTop = isCapped ? (next / Math.max(lastTop, 1)) * (space - size.height) : next * height;
    own.current = element.scrollTop;
    setTop(next);
  };
  const onScroll = () => {
    const element = ref.current;
    if (!element || Math.abs(element.scrollTop - own.current) < 1) return;
    own.current = -1;
    setTop(isCapped ? (element.scrollTop / Math.max(space - size.height, 1)) * lastTop : element.scrollTop / height);
  };
  useEffect(() => {
    const element = ref.current;
    if (!element || !isCapped) return undefined;
    const onWheel = (/** @type {WheelEvent} */ event) => {
      if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      event.preventDefault();
      scrollTo(at + (event.deltaY * (event.deltaMode === 1 ? LINE : 1)) / height);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  });
  useLayoutEffect(() => {
    // Otherwise nothing is to be laid out for it.
    if (top > 0 && ref.current) ref.current.scrollTop = 0;
    setTop(0);
  }, [startKey]);
  if (scroller) {
    scroller.current = {
      lines: () => Math.max(1, Math.floor(room / height)),
      show: (line) => {
        if (line < at) scrollTo(line);
        else if (line + 1 > at + room / height) scrollTo(line + 1 - room / height);
      },
    };
  }
  const first = Math.floor(at);
  const end = Math.min(lines, Math.ceil(at + room / height) + 1);
  return html`<div class="virtual" ref=${ref} onScroll=${onScroll} tabindex="0" role=${role}
    aria-rowcount=${role === 'table' ? lines : undefined} aria-label=${label}>
    <div style=${{ height: `${space}px`, width }}><div class="layer" style=${{ height: `${size.height}px` }}>
      ${header}
      <div class="clip" style=${{ height: `${room}px` }}><div
        style=${{ transform: `translateY(${-(at - first) * height}px)` }}>${size.height > 0 && draw(first, end)}</div></div>
    </div></div>
  </div>`;
}
