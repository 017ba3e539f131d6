/** A confusion matrix whose cells are buttons. */
import { isDark } from '../state/theme.js';
import { brief, count } from '../widgets/format.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { inkOn } from './colors.js';

const NAMES = 116;
const LEAST_CELL = 15;
const LETTER = 8;
const HEADS = 22;

/**
 * @param {object} props
 * @param {import('../state/types.js').Confusion} props.confusion
 * @param {{given: number[], predicted: number[]}} props.chosen classes that a filter asks for
 * @param {(given: number[], predicted: number[]) => void} props.onChoose
 */
export function ConfusionMatrix({ confusion, chosen, onChoose }) {
  const [ref, size] = useSize();
  const { classes, predicted, pairs } = confusion;
  const rows = new Map(pairs.map((pair) => [`${pair.given} ${pair.predicted}`, pair]));
  const mostRight = Math.max(1, ...pairs.filter((pair) => pair.is_right).map((pair) => pair.rows));
  const mostWrong = Math.max(1, ...pairs.filter((pair) => !pair.is_right).map((pair) => pair.rows));
  const width = Math.max(LEAST_CELL, Math.min(64, (size.width - NAMES - 24) / Math.max(predicted.length, 1)));
  const height = Math.max(LEAST_CELL, Math.min(32, (size.height - HEADS - 8) / Math.max(classes.length, 1)));
  const isOn = (/** @type {number} */ given, /** @type {number} */ other) =>
    chosen.given.includes(given) && chosen.predicted.includes(other);
  const sum = (/** @type {(pair: import('../state/types.js').Pair) => boolean} */ is) =>
    pairs.reduce((all, pair) => all + (is(pair) ? pair.rows : 0), 0);
  return html`<div class="matrix-room" ref=${ref}>${
    size.width > 0 &&
    html`<table class="matrix"><tbody>
    ${classes.map(
      (given) => html`<tr key=${given.id}>
      <th scope="row"><button type="button" title=${`label ${given.name}: ${count(sum((pair) => pair.given === given.id))} rows`}
        style=${{ height: `${height}px`, width: `${NAMES}px` }} onClick=${() => onChoose([given.id], [])}>${given.name}</button></th>
      ${predicted.map(
        (
          other,
        ) => html`<${Cell} key=${other.id} pair=${rows.get(`${given.id} ${other.id}`)} given=${given} predicted=${other} mostRight=${mostRight} mostWrong=${mostWrong}
        width=${width} height=${height} isOn=${isOn(given.id, other.id)} onChoose=${onChoose} />`,
      )}
    </tr>`,
    )}
    <tr><th scope="row" class="dim corner">predicted</th>${predicted.map((other) => html`<th key=${other.id} scope="col">
      <button type="button" style=${{ width: `${width}px` }}
      title=${`predicted ${other.name}: ${count(sum((pair) => pair.predicted === other.id))} rows`}
      onClick=${() => onChoose([], [other.id])}>${short(other.name, width)}</button></th>`)}</tr>
  </tbody></table>`
  }</div>`;
}

/** @param {any} props */
function Cell({ pair, given, predicted, mostRight, mostWrong, width, height, isOn, onChoose }) {
  const rows = pair?.rows ?? 0;
  const text = rows >= 1000 && width < 44 ? brief(rows) : count(rows);
  const isRight = pair ? pair.is_right : given.name === predicted.name;
  const share = rows === 0 ? 0 : 0.1 + 0.9 * Math.sqrt(rows / (isRight ? mostRight : mostWrong));
  const color = isRight ? '--accent' : '--wrong';
  const part = Math.round(share * (isRight ? 90 : 80));
  isDark.value;
  const title = `${given.name} predicted as ${predicted.name}: ${count(rows)}`;
  return html`<td><button type="button" disabled=${rows === 0} title=${title} aria-label=${title} aria-pressed=${isOn}
    class=${isOn ? 'is-on' : ''}
    style=${{ width: `${width - 2}px`, height: `${height - 2}px`, background: rows ? `color-mix(in srgb, var(${color}) ${part}%, var(--paper))` : 'var(--ground)', color: inkOn(color, part / 100) }}
    onClick=${() => onChoose([given.id], [predicted.id])}>${rows > 0 && text.length * LETTER < width ? text : ''}</button></td>`;
}

/** @param {string} name @param {number} width */
const short = (name, width) => name.slice(0, Math.max(1, Math.floor((width - 2) / 7.5)));
