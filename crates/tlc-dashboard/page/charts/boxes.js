/** Boxes by class: where the middle half of a number is, its median, and all but the outermost twentieths. */
import { count, digits } from '../widgets/format.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { GroupLines, fitting, nameOf } from './grouplines.js';
import { tickText, ticks } from './ticks.js';

/** @typedef {import('./grouplines.js').Group} Group */
/** @typedef {import('../state/types.js').Cell} Cell */
/** @typedef {'high' | 'low' | 'class'} Order */

/** What the names and numbers take, and a tick. */
const ASIDE = 250;
const TICK = 56;

/**
 * @param {object} props
 * @param {import('../state/types.js').Groups} props.groups
 * @param {Order} props.order
 * @param {number | null} props.middle the median of all rows
 * @param {ReadonlySet<Cell> | null} props.chosen
 * @param {(key: Cell) => void} props.onChoose
 */
export function GroupBoxes({ groups, order, middle, chosen, onChoose }) {
  const [ref, size] = useSize();
  const sorted = inOrder(groups.groups, order);
  const [low, high] = domain(sorted);
  const place = (/** @type {number} */ value) => `${((value - low) / (high - low)) * 100}%`;
  const span = (/** @type {number} */ from, /** @type {number} */ to) => ({ left: place(from), width: `${((to - from) / (high - low)) * 100}%` });
  const draw = (/** @type {Group} */ { statistics }) => {
    const { p05, p25, median, p75, p95 } = statistics.quantiles;
    if (p05 === null || p25 === null || median === null || p75 === null || p95 === null) return null;
    return html`${middle !== null && html`<i class="middle" style=${{ left: place(middle) }} />`}
      <i class="whisker" style=${span(p05, p95)} /><i class="box" style=${span(p25, p75)} /><i class="median" style=${{ left: place(median) }} />`;
  };
  const isApart = sorted.some((group) => apart(group) > 0);
  const numbers = (/** @type {Group} */ group) => [
    group.statistics.quantiles.median === null ? '—' : digits(group.statistics.quantiles.median),
    fitting(group.rows),
    ...(isApart ? [apart(group) ? fitting(apart(group)) : ''] : []),
  ];
  const head = ticks(low, high, Math.max(2, (size.width - ASIDE) / TICK)).map(
    (tick) => html`<span class="tick" key=${tick} style=${{ left: place(tick) }}>${tickText(tick)}</span>`,
  );
  return html`<div class="boxes" ref=${ref}><${GroupLines} groups=${sorted} chosen=${chosen} label=${`${groups.of} of each group`} head=${head}
    columns=${['median', 'rows', ...(isApart ? ['apart'] : [])]} draw=${draw} numbers=${numbers} says=${says} onChoose=${onChoose} /></div>`;
}

/** @param {Group[]} groups @param {Order} order @returns {Group[]} those without a value last */
function inOrder(groups, order) {
  if (order === 'class') return groups;
  const sign = order === 'high' ? -1 : 1;
  const middle = (/** @type {Group} */ group) => group.statistics.quantiles.median ?? -sign * Infinity;
  return groups.toSorted((a, b) => (middle(a) === middle(b) ? 0 : sign * (middle(a) - middle(b))));
}

/** @param {Group[]} groups @returns {[number, number]} what all boxes are in, with a margin */
function domain(groups) {
  const ends = groups.flatMap(({ statistics: { quantiles } }) => [quantiles.p05, quantiles.p95]).filter((each) => each !== null);
  const [low, high] = ends.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [Infinity, -Infinity]);
  const margin = (high - low) * 0.03 || Math.abs(low) * 0.1 || 1;
  return ends.length ? [low - margin, high + margin] : [0, 1];
}

/** @param {Group} group @returns {number} rows whose value is on no axis */
const apart = ({ statistics: { apart: rows } }) => rows.missing + rows.nan + rows.infinity + rows.minus_infinity;

/** @param {Group} group @returns {string} */
function says(group) {
  const { quantiles, apart: rows } = group.statistics;
  const parts = /** @type {const} */ ([
    ['missing', rows.missing],
    ['NaN', rows.nan],
    ['∞', rows.infinity],
    ['−∞', rows.minus_infinity],
  ]);
  const said = (/** @type {number | null} */ each) => (each === null ? '—' : digits(each));
  return [
    `${nameOf(group)}: ${count(group.rows)} rows, median ${said(quantiles.median)}`,
    `half of them ${said(quantiles.p25)} to ${said(quantiles.p75)}, nine tenths ${said(quantiles.p05)} to ${said(quantiles.p95)}`,
    ...(apart(group) ? [`apart: ${parts.filter(([, many]) => many > 0).map(([name, many]) => `${count(many)} ${name}`).join(', ')}`] : []),
  ].join('\n');
}
