/** A confusion matrix whose cells are buttons. */
import { isDark } from '../state/theme.js';
import { brief, count } from '../widgets/format.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { inkOn } from './colors.js';
import { headsOf } from './heads.js';

/** @typedef {import('../state/types.js').Confusion} Confusion */
/** @typedef {import('../state/types.js').Class} Class */
/** @typedef {{given: number[], predicted: number[]}} Chosen classes that a filter asks for */

const LEAST_CELL = 15;
const LETTER = 8;
const NARROW = 24;
const SMALL_LETTER = 6.4;
const MOST_NAME = 116;
const LARGEST = { width: 64, height: 32 };

/**
 * @param {object} props
 * @param {Confusion} props.confusion
 * @param {string} props.rowTitle
 * @param {string} props.columnTitle
 * @param {Chosen} props.chosen
 * @param {(given: number[], predicted: number[]) => void} props.onChoose
 */
export function ConfusionMatrix({ confusion, rowTitle, columnTitle, chosen, onChoose }) {
  const [ref, size] = useSize();
  const { classes, predicted, pairs } = confusion;
  const rows = new Map(pairs.map((pair) => [`${pair.given} ${pair.predicted}`, pair]));
  const mostRight = Math.max(1, ...pairs.filter((pair) => pair.is_right).map((pair) => pair.rows));
  const mostWrong = Math.max(1, ...pairs.filter((pair) => !pair.is_right).map((pair) => pair.rows));
  const { names, heads, width, height } = layoutOf(classes, predicted, size);
  const isOn = (/** @type {number} */ given, /** @type {number} */ other) =>
    chosen.given.includes(given) && chosen.predicted.includes(other);
  const sum = (/** @type {(pair: import('../state/types.js').Pair) => boolean} */ is) =>
    pairs.reduce((all, pair) => all + (is(pair) ? pair.rows : 0), 0);
  return html`<div class="matrix-room" ref=${ref}>${
    size.width > 0 &&
    html`<table class=${`matrix ${heads.isLeaning ? 'is-leaning' : ''}`}><thead>
    <tr><th class="dim corner" style=${{ height: `${heads.height}px`, width: `${names}px` }}><span title=${`rows are ${rowTitle}, columns are ${columnTitle}`}>${rowTitle} ↓ →</span></th>
      ${predicted.map((other) => html`<th key=${other.id} scope="col" style=${{ width: `${width}px` }}><button type="button"
        style=${{ width: `${heads.isLeaning ? heads.length : width}px` }}
        title=${`${columnTitle} ${other.name}: ${count(sum((pair) => pair.predicted === other.id))} rows`}
        onClick=${() => onChoose([], [other.id])}>${other.name}</button></th>`)}<th style=${{ width: `${heads.over}px` }} /></tr></thead><tbody>
    ${classes.map(
      (given) => html`<tr key=${given.id}>
      <th scope="row"><button type="button" title=${`${rowTitle} ${given.name}: ${count(sum((pair) => pair.given === given.id))} rows`}
        style=${{ height: `${height}px`, width: `${names}px` }} onClick=${() => onChoose([given.id], [])}>${given.name}</button></th>
      ${predicted.map(
        (
          other,
        ) => html`<${Cell} key=${other.id} pair=${rows.get(`${given.id} ${other.id}`)} given=${given} predicted=${other} mostRight=${mostRight} mostWrong=${mostWrong}
        width=${width} height=${height} isOn=${isOn(given.id, other.id)} onChoose=${onChoose} />`,
      )}
    </tr>`,
    )}
  </tbody></table>`
  }</div>`;
}

/** @param {Class[]} classes @param {Class[]} predicted @param {{width: number, height: number}} size */
function layoutOf(classes, predicted, size) {
  const names = Math.min(MOST_NAME, Math.max(1, ...classes.map((each) => each.name.length)) * 7 + 16);
  const heads = headsOf(
    predicted.map((each) => each.name),
    size.width - names - 20,
    LARGEST.width,
  );
  const height = Math.min(LARGEST.height, (size.height - heads.height - 4) / Math.max(classes.length, 1));
  return { names, heads, width: Math.max(LEAST_CELL, heads.width), height: Math.max(LEAST_CELL, height) };
}

/** @param {any} props */
function Cell({ pair, given, predicted, mostRight, mostWrong, width, height, isOn, onChoose }) {
  const rows = pair?.rows ?? 0;
  const text = rows >= 1000 && width < 44 ? brief(rows) : count(rows);
  const isNarrow = width < NARROW;
  const isRight = pair ? pair.is_right : given.name === predicted.name;
  const share = rows === 0 ? 0 : 0.1 + 0.9 * Math.sqrt(rows / (isRight ? mostRight : mostWrong));
  const color = isRight ? '--accent' : '--wrong';
  const part = Math.round(share * (isRight ? 90 : 80));
  isDark.value;
  const title = `${given.name} predicted as ${predicted.name}: ${count(rows)}`;
  return html`<td><button type="button" disabled=${rows === 0} title=${title} aria-label=${title} aria-pressed=${isOn}
    class=${`${isOn ? 'is-on' : ''} ${isNarrow ? 'is-narrow' : ''}`}
    style=${{ width: `${width - 2}px`, height: `${height - 2}px`, background: rows ? `color-mix(in srgb, var(${color}) ${part}%, var(--paper))` : 'var(--ground)', color: inkOn(color, part / 100) }}
    onClick=${() => onChoose([given.id], [predicted.id])}>${rows > 0 && text.length * (isNarrow ? SMALL_LETTER : LETTER) < width - 1 ? text : ''}</button></td>`;
}

/**
 * The classes that are confused most, those that are confused with one another side by side.
 *
 * @param {Confusion} confusion @param {number} most
 * @returns {Confusion}
 */
export function confusedBlock(confusion, most) {
  const givenNames = new Map(confusion.classes.map((each) => [each.id, each.name]));
  const predictedNames = new Map(confusion.predicted.map((each) => [each.id, each.name]));
  /** @type {Set<string>} */
  const names = new Set();
  const take = (/** @type {string | undefined} */ name) => name !== undefined && names.size < most && names.add(name);
  for (const pair of confusion.pairs) {
    if (pair.is_right) continue;
    take(givenNames.get(pair.given));
    take(predictedNames.get(pair.predicted));
    if (names.size >= most) break;
  }
  for (const { name } of confusion.classes) take(name);
  const places = new Map([...names].map((name, place) => [name, place]));
  const inBlock = (/** @type {Class[]} */ all) =>
    all.filter((each) => places.has(each.name)).toSorted((a, b) => Number(places.get(a.name)) - Number(places.get(b.name)));
  const [classes, predicted] = [inBlock(confusion.classes), inBlock(confusion.predicted)];
  const ids = { given: new Set(classes.map((each) => each.id)), predicted: new Set(predicted.map((each) => each.id)) };
  const pairs = confusion.pairs.filter((pair) => ids.given.has(pair.given) && ids.predicted.has(pair.predicted));
  return { ...confusion, classes, predicted, pairs };
}
