/** A confusion of more classes than have names beside them: all of it at once, one pair at a time to read. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isDark } from '../state/theme.js';
import { count } from '../widgets/format.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { prepare } from './canvas.js';
import { css } from './colors.js';

/** @typedef {import('../state/types.js').Pair} Pair */
/** @typedef {{pair: Pair, x: number, y: number}} Spot in parts of the width and the height */

const NEAR = 6;
const LEAST_DOT = 1.5;

/**
 * @param {object} props
 * @param {import('../state/types.js').Confusion} props.confusion
 * @param {import('./confusion.js').Chosen} props.chosen
 * @param {(given: number[], predicted: number[]) => void} props.onChoose
 */
export function ConfusionHeat({ confusion, chosen, onChoose }) {
  const [ref, size] = useSize();
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [at, setAt] = useState(/** @type {number | null} */ (null));
  const { classes, predicted, pairs } = confusion;
  const spots = useMemo(() => spotsOf(confusion), [confusion]);
  const [wide, high] = [size.width / Math.max(predicted.length, 1), size.height / Math.max(classes.length, 1)];
  const isOn = (/** @type {Pair} */ { given, predicted: other }) => chosen.given.includes(given) && chosen.predicted.includes(other);
  useLayoutEffect(() => {
    if (canvas.current && size.width > 0) draw(prepare(canvas.current, size.width, size.height), spots, { ...size, wide, high }, isOn);
  }, [spots, size.width, size.height, chosen.given.join(), chosen.predicted.join(), isDark.value]);

  const spot = at === null ? null : spots[at];
  const says = (/** @type {Pair} */ pair) =>
    `${nameOf(classes, pair.given)} predicted as ${nameOf(predicted, pair.predicted)}: ${count(pair.rows)}`;
  const choose = () => spot && onChoose([spot.pair.given], [spot.pair.predicted]);
  const onMove = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    setAt(nearest(spots, size, event.clientX - box.left, event.clientY - box.top));
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = ['ArrowRight', 'ArrowDown'].includes(event.key) ? 1 : ['ArrowLeft', 'ArrowUp'].includes(event.key) ? -1 : 0;
    if (!by && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    if (by) setAt((before) => (before === null ? 0 : (before + by + spots.length) % spots.length));
    else choose();
  };
  return html`<div class="reading dim" role="status">${spot ? says(spot.pair) : 'Point at a pair to read it, click to see its rows.'}</div>
    <div class="heat" ref=${ref} role="application" tabindex="0"
      aria-label=${`${count(pairs.length)} pairs of ${count(classes.length)} classes; arrow keys go from the most confused on, enter filters`}
      onPointerMove=${onMove} onPointerLeave=${() => setAt(null)} onClick=${choose} onKeyDown=${onKey}>
      <canvas ref=${canvas} />
      ${spot && html`<i class="spot" style=${{ left: `${spot.x * size.width - NEAR}px`, top: `${spot.y * size.height - NEAR}px` }} />`}
    </div>`;
}

/** @param {import('../state/types.js').Class[]} classes @param {number} id */
const nameOf = (classes, id) => classes.find((each) => each.id === id)?.name ?? String(id);

/** @param {import('../state/types.js').Confusion} confusion @returns {Spot[]} wrong ones first, as many rows as they have */
function spotsOf({ classes, predicted, pairs }) {
  const rows = new Map(classes.map((each, place) => [each.id, (place + 0.5) / classes.length]));
  const columns = new Map(predicted.map((each, place) => [each.id, (place + 0.5) / predicted.length]));
  return [...pairs.filter((pair) => !pair.is_right), ...pairs.filter((pair) => pair.is_right)].map((pair) => ({
    pair,
    x: columns.get(pair.predicted) ?? NaN,
    y: rows.get(pair.given) ?? NaN,
  }));
}

/** @param {Spot[]} spots @param {{width: number, height: number}} size @param {number} x @param {number} y @returns {number | null} of those around the pointer the one with the most rows that is wrong */
function nearest(spots, { width, height }, x, y) {
  const found = spots.findIndex((spot) => Math.abs(spot.x * width - x) < NEAR && Math.abs(spot.y * height - y) < NEAR);
  return found < 0 ? null : found;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Spot[]} spots
 * @param {{width: number, height: number, wide: number, high: number}} size @param {(pair: Pair) => boolean} isOn
 */
function draw(context, spots, { width, height, wide, high }, isOn) {
  context.fillStyle = css('--ground');
  context.fillRect(0, 0, width, height);
  const most = (/** @type {boolean} */ isRight) =>
    spots.reduce((all, { pair }) => (pair.is_right === isRight ? Math.max(all, pair.rows) : all), 1);
  const of = { right: { most: most(true), color: css('--accent') }, wrong: { most: most(false), color: css('--wrong') } };
  const [w, h] = [Math.max(wide, LEAST_DOT), Math.max(high, LEAST_DOT)];
  for (const { pair, x, y } of spots.toReversed()) {
    const { most: top, color } = pair.is_right ? of.right : of.wrong;
    context.globalAlpha = 0.1 + 0.85 * Math.sqrt(pair.rows / top);
    context.fillStyle = color;
    context.fillRect(x * width - w / 2, y * height - h / 2, w, h);
  }
  context.globalAlpha = 1;
  context.strokeStyle = css('--ink');
  for (const { pair, x, y } of spots) if (isOn(pair)) context.strokeRect(x * width - w / 2 - 2, y * height - h / 2 - 2, w + 4, h + 4);
}
