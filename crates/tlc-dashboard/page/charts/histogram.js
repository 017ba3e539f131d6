/** A histogram of all rows, those that match in it, and a brush that chooses a range. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDark } from '../state/theme.js';
import { count, digits } from '../widgets/format.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { prepare } from './canvas.js';
import { css } from './colors.js';

const CLICK = 3;

/**
 * @param {object} props
 * @param {import('../state/types.js').Histogram} props.histogram
 * @param {{min?: number, max?: number} | null} props.range that is chosen
 * @param {(range: {min?: number, max?: number} | null, isFirst: boolean) => void} props.onRange `isFirst`: a step of its own; what is dragged after it is the same step
 * @param {string} props.label
 * @param {boolean} [props.isRoot] heights by square root, so that few rows are seen beside many
 */
export function HistogramChart({ histogram, range, onRange, label, isRoot = false }) {
  const [ref, size] = useSize();
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const start = useRef(/** @type {{x: number, hasMoved: boolean} | null} */ (null));
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const { edges, all, matching } = histogram;
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  useLayoutEffect(() => {
    if (canvas.current && size.width > 0)
      draw(prepare(canvas.current, size.width, size.height), { ...size, all, matching, range, low, high, isRoot });
  }, [histogram, range?.min, range?.max, size.width, size.height, isDark.value, isRoot]);

  const valueAt = (/** @type {number} */ x) => low + (Math.min(Math.max(x, 0), size.width) / Math.max(size.width, 1)) * (high - low);
  const rangeOf = (/** @type {number} */ a, /** @type {number} */ b) => {
    const [least, most] = [Math.min(a, b), Math.max(a, b)];
    return {
      ...(least > 0 ? { min: rounded(valueAt(least), high - low) } : {}),
      ...(most < size.width ? { max: rounded(valueAt(most), high - low) } : {}),
    };
  };
  const onDown = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    start.current = { x: offset(event), hasMoved: false };
  };
  const onMove = (/** @type {PointerEvent} */ event) => {
    setAt(offset(event));
    const from = start.current;
    if (!from || (!from.hasMoved && Math.abs(offset(event) - from.x) <= CLICK)) return;
    onRange(rangeOf(from.x, offset(event)), !from.hasMoved);
    from.hasMoved = true;
  };
  const onUp = () => {
    const from = start.current;
    start.current = null;
    if (!from || from.hasMoved) return;
    onRange(range ? null : rangeOf(...binAt(from.x, size.width, all.length)), true);
  };
  const bin =
    at === null || !all.length ? null : Math.min(all.length - 1, Math.max(0, Math.floor((at / Math.max(size.width, 1)) * all.length)));
  return html`<div class="histogram" ref=${ref} role="img" aria-label=${label} onPointerDown=${onDown} onPointerMove=${onMove}
    onPointerUp=${onUp} onPointerLeave=${() => setAt(null)}>
    <canvas ref=${canvas} />
    ${
      bin !== null &&
      html`<div class=${`tip bin ${Number(at) > size.width / 2 ? 'is-left' : ''}`} style=${{ left: `${at}px` }}>
      <div>${digits(edges[bin])} – ${digits(edges[bin + 1])}</div><div>
        <b>${count(matching[bin])}</b> <span class="dim">of ${count(all[bin])}</span></div>
    </div>`
    }
  </div>`;
}

/** @param {PointerEvent} event */
const offset = (event) => event.clientX - /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect().left;

/** @param {number} x @param {number} width @param {number} bins @returns {[number, number]} */
function binAt(x, width, bins) {
  const bin = Math.min(bins - 1, Math.max(0, Math.floor((x / width) * bins)));
  return [(bin / bins) * width, ((bin + 1) / bins) * width];
}

/** @param {number} value @param {number} span @returns {number} no more digits than a pointer can mean */
const rounded = (value, span) => (span > 0 ? Number(value.toFixed(Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(span)))))) : value);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{width: number, height: number, all: number[], matching: number[], range: {min?: number, max?: number} | null, low: number, high: number, isRoot: boolean}} what
 */
function draw(context, { width, height, all, matching, range, low, high, isRoot }) {
  const most = Math.max(1, ...all);
  const tall = (/** @type {number} */ rows) =>
    rows === 0 ? 0 : Math.max(1, (isRoot ? Math.sqrt(rows / most) : rows / most) * (height - 2));
  const step = width / Math.max(all.length, 1);
  const bars = (/** @type {number[]} */ rows, /** @type {string} */ color) => {
    context.fillStyle = color;
    rows.forEach((each, bin) => context.fillRect(bin * step, height - 1 - tall(each), Math.max(step - 1, 0.75), tall(each)));
  };
  if (range) {
    const x = (/** @type {number} */ value) => ((value - low) / (high - low || 1)) * width;
    const [from, to] = [x(range.min ?? low), x(range.max ?? high)];
    context.fillStyle = css('--accent-wash');
    context.fillRect(from, 0, Math.max(to - from, 1), height);
    bars(all, css('--bar'));
    bars(matching, css('--accent'));
    context.fillStyle = css('--accent');
    context.fillRect(Math.max(0, from - 0.5), 0, 1, height);
    context.fillRect(Math.min(width - 1, to - 0.5), 0, 1, height);
    return;
  }
  bars(all, css('--bar'));
  bars(matching, css('--accent'));
}
