/** Values that are more than a number or a word: lists, structs, long texts. */
import { Spark } from '../charts/spark.js';
import { cellText, className, count, digits, parsed, percent } from './format.js';
import { html } from './html.js';
import { scrolling } from './scroll.js';

/** @typedef {import('../state/types.js').Class} Class */
/** @typedef {import('../state/types.js').Column} Column */
/** @typedef {import('../state/types.js').Cell} Cell */

const BARS = 5;
const POINTS = 240;
const SHORT_LIST = 4;
const SHORT_TEXT = 40;
const DEEPEST = 3;

/** @param {{value: Cell | undefined, column: Column, classes: Class[]}} props `classes` of the label, for lists with a number for each of them */
export function Value({ value: cell, column, classes }) {
  const value = column.shows || column.kind === 'other' ? parsed(cell) : cell;
  if (column.shows === 'boxes' && Array.isArray(value)) return html`<${BoxList} boxes=${value} classes=${column.classes ?? []} />`;
  return html`<${Any} value=${value} column=${column} classes=${classes} depth=${0} />`;
}

/** @param {Cell | undefined} value @param {Column} column @param {Class[]} classes @returns {boolean} whether it wants a line of its own */
export function isWide(value, column, classes) {
  const whole = column.shows || column.kind === 'other' ? parsed(value) : value;
  if (Array.isArray(whole))
    return (
      whole.length > SHORT_LIST || (whole.length > 1 && whole.length === classes.length) || whole.some((each) => typeof each === 'object')
    );
  if (typeof whole === 'string' && !column.classes) return whole.length > SHORT_TEXT;
  return whole !== null && typeof whole === 'object' && !('bytes' in whole);
}

/** @param {{value: any, column?: Column, classes: Class[], depth: number}} props */
function Any({ value, column, classes, depth }) {
  if (Array.isArray(value)) return html`<${List} value=${value} classes=${classes} depth=${depth} name=${column?.name ?? 'list'} />`;
  if (value !== null && typeof value === 'object') {
    if (typeof value.bytes === 'number') return html`<span class="dim">${count(value.bytes)} bytes</span>`;
    return depth >= DEEPEST ? html`<span class="dim">…</span>` : html`<${Struct} value=${value} classes=${classes} depth=${depth} />`;
  }
  const text = cellText(value, column);
  return text.length > SHORT_TEXT && typeof value === 'string'
    ? html`<div class="longtext" ...${scrolling} aria-label=${column?.name ?? 'text'}>${text}</div>`
    : html`<span>${text}</span>`;
}

/** @param {{value: any[], classes: Class[], depth: number, name: string}} props */
function List({ value, classes, depth, name }) {
  const areNumbers = value.length > 0 && value.every((each) => typeof each === 'number' || each === null);
  if (areNumbers && classes.length > 1 && value.length === classes.length) return html`<${ClassBars} values=${value} classes=${classes} />`;
  if (areNumbers && value.length > SHORT_LIST) return html`<${Line} values=${value} name=${name} />`;
  if (value.some((each) => each !== null && typeof each === 'object') && depth < DEEPEST)
    return html`<ol class="items">${value.slice(0, 50).map((each, at) => html`<li key=${at}><${Any} value=${each} classes=${classes} depth=${depth + 1} /></li>`)}</ol>`;
  const text = value.map((each) => cellText(each, undefined)).join(', ');
  return text.length > SHORT_TEXT
    ? html`<div class="longtext" ...${scrolling} aria-label=${name}>${text}</div>`
    : html`<span>${text || 'empty'}</span>`;
}

/** @param {{value: Record<string, any>, classes: Class[], depth: number}} props */
const Struct = ({ value, classes, depth }) =>
  html`<dl class="struct">${Object.entries(value).map(
    ([name, each]) => html`<div key=${name}><dt>${name}</dt><dd><${Any} value=${each} classes=${classes} depth=${depth + 1} /></dd></div>`,
  )}</dl>`;

/** @param {{values: (number | null)[], classes: Class[]}} props the largest, by the name of their class */
function ClassBars({ values, classes }) {
  const sorted = values
    .map((value, at) => ({ value: value ?? 0, name: className(classes, classes[at].id) }))
    .toSorted((a, b) => b.value - a.value);
  const areShares = sorted.every(({ value }) => value >= 0 && value <= 1.0001);
  const [least, most] = areShares ? [0, 1] : [Math.min(0, sorted[sorted.length - 1].value), sorted[0].value];
  const rest = sorted.slice(BARS);
  return html`<ol class="classbars">${sorted.slice(0, BARS).map(
    ({ name, value }) => html`<li key=${name} title=${`${name}: ${value}`}><span class="cut">${name}</span><i class="track"><i
      style=${{ width: `${Math.max(0, ((value - least) / (most - least || 1)) * 100)}%` }} /></i><span class="number">${areShares ? percent(value) : digits(value)}</span></li>`,
  )}${
    rest.length > 0 &&
    html`<li class="dim" title=${rest.map(({ name, value }) => `${name}: ${value}`).join('\n')}>${count(rest.length)} more${
      areShares ? `, ${percent(rest.reduce((sum, { value }) => sum + value, 0))}` : ''
    }</li>`
  }</ol>`;
}

/** @param {{values: (number | null)[], name: string}} props */
function Line({ values, name }) {
  const known = values.filter((each) => each !== null);
  const step = Math.max(1, Math.ceil(values.length / POINTS));
  const points = values.map((each, at) => /** @type {[number, number | null]} */ ([at, each])).filter((_, at) => at % step === 0);
  return html`<div class="longline"><${Spark} label=${`${name}, ${values.length} values`} points=${points} width=${240} height=${36} />
    <span class="dim">${count(values.length)} values, ${digits(least(known))} to ${digits(most(known))}</span></div>`;
}
const least = (/** @type {number[]} */ values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (/** @type {number[]} */ values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

/** @param {{boxes: import('./picture.js').Box[], classes: Class[]}} props */
const BoxList = ({ boxes, classes }) =>
  boxes.length === 0
    ? html`<span class="dim">none</span>`
    : html`<ol class="items">${boxes.slice(0, 50).map(
        (
          box,
          at,
        ) => html`<li key=${at} title=${`${box.x0}, ${box.y0} to ${box.x1}, ${box.y1}`}><b>${cellText(box.label ?? null, /** @type {any} */ ({ classes }))}</b>
      ${typeof box.confidence === 'number' && html` ${percent(box.confidence)}`}${typeof box.iou === 'number' && html` <span class="dim">overlap ${percent(box.iou)}</span>`}</li>`,
      )}${boxes.length > 50 && html`<li class="dim">and ${count(boxes.length - 50)} more</li>`}</ol>`;
