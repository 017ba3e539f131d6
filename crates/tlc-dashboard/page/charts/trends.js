/** Small charts over the same epochs: wherever one points, all are read. */
import { useState } from 'preact/hooks';
import { html } from '../widgets/html.js';

/** @typedef {{name: string, title: string, lines: {color: string, values: (number | null)[]}[], says: (at: number) => any}} Trend */
/** @typedef {{name: string, title: string, strips: ({color: string, title: string} | null)[][], says: (at: number) => any}} Strip */

const WIDE = 100;
const HIGH = 40;
const MARGIN = 3;

/**
 * @param {object} props
 * @param {number[]} props.epochs
 * @param {number} props.at the place of the epoch that is looked at
 * @param {Trend[]} props.trends
 * @param {Strip[]} props.strips
 * @param {string} props.label
 * @param {(at: number) => void} props.onChoose
 */
export function Trends({ epochs, at, trends, strips, label, onChoose }) {
  const [pointed, setPointed] = useState(/** @type {number | null} */ (null));
  const last = epochs.length - 1;
  const read = Math.min(pointed ?? at, last);
  const onMove = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    setPointed(Math.min(last, Math.max(0, Math.round(((event.clientX - box.left) / Math.max(box.width, 1)) * last))));
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!by && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    if (by) setPointed(Math.min(last, Math.max(0, read + by)));
    else onChoose(read);
  };
  const hands = { onPointerMove: onMove, onPointerLeave: () => setPointed(null), onClick: () => onChoose(read) };
  return html`<div class="trends" role="group" tabindex="0" aria-label=${`${label}; arrow keys go over the epochs, enter looks at one`} onKeyDown=${onKey} onBlur=${() => setPointed(null)}>
    <div class="grid">${trends.map((trend) => html`<figure key=${trend.name}><figcaption><span class="dim cut" title=${trend.title}>${trend.title}</span>
      <span class="number">${trend.says(read)}</span></figcaption><${Curve} trend=${trend} at=${read} last=${last} hands=${hands} /></figure>`)}
    ${strips.map((strip) => html`<figure key=${strip.name}><figcaption><span class="dim cut" title=${strip.title}>${strip.title}</span>
      <span class="number cut">${strip.says(read)}</span></figcaption>
      <div class="strips" ...${hands}>${strip.strips.map((cells, place) => html`<div key=${place}>${cells.map((cell, epoch) => html`<i key=${epoch}
        class=${epoch === read ? 'is-read' : ''} title=${cell?.title} style=${{ background: cell?.color ?? 'var(--field)' }} />`)}</div>`)}</div></figure>`)}</div>
    <div class="unseen" role="status">${pointed !== null && `epoch ${epochs[read]}`}</div>
    <div class="row dim between"><span>epoch ${epochs[0]}</span><b>${epochs[read]}</b><span>${epochs[last]}</span></div>
  </div>`;
}

/** @param {{trend: Trend, at: number, last: number, hands: object}} props */
function Curve({ trend, at, last, hands }) {
  const known = trend.lines.flatMap((line) => line.values).filter((value) => value !== null && Number.isFinite(value));
  const [low, high] = known.reduce(([a, b], value) => [Math.min(a, Number(value)), Math.max(b, Number(value))], [Infinity, -Infinity]);
  const x = (/** @type {number} */ place) => (place / Math.max(last, 1)) * WIDE;
  const y = (/** @type {number} */ value) => HIGH - MARGIN - ((value - low) / (high - low || 1)) * (HIGH - 2 * MARGIN);
  const path = (/** @type {(number | null)[]} */ values) =>
    values
      .map((value, place) => ({ value, place }))
      .filter(({ value }) => value !== null && Number.isFinite(value))
      .map(({ value, place }) => `${x(place).toFixed(2)},${y(Number(value)).toFixed(2)}`)
      .join(' ');
  return html`<svg viewBox=${`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true" ...${hands}>
    <line x1=${x(at)} x2=${x(at)} y1="0" y2=${HIGH} />
    ${trend.lines.map((line, place) => html`<polyline key=${place} points=${path(line.values)} style=${{ stroke: line.color }} />`)}
  </svg>`;
}
