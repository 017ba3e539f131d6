/** Groups of rows as lines, as many as there are: a name, what is drawn of it, numbers. */
import { brief, count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Virtual } from '../widgets/virtual.js';

/** @typedef {import('../state/types.js').Groups['groups'][number]} Group */
/** @typedef {import('../state/types.js').Cell} Cell */

const HEIGHT = 19;
const HEAD = 20;

/**
 * @param {object} props
 * @param {Group[]} props.groups in the order in which they are shown
 * @param {ReadonlySet<Cell> | null} props.chosen keys that a filter asks for
 * @param {string} props.label what is listed
 * @param {any} [props.head] over what is drawn
 * @param {string[]} [props.columns] heads of the numbers
 * @param {(group: Group) => any} props.draw
 * @param {(group: Group) => any[]} props.numbers
 * @param {(group: Group) => string} props.says
 * @param {(key: Cell) => void} props.onChoose
 */
export function GroupLines({ groups, chosen, label, head, columns = [], draw, numbers, says, onChoose }) {
  const line = (/** @type {Group} */ group) => html`<button type="button" key=${String(group.key)} style=${{ height: `${HEIGHT}px` }}
    class=${chosen && !chosen.has(group.key) ? 'is-off' : ''} aria-pressed=${chosen?.has(group.key) ?? false}
    title=${`${says(group)}\nclick: only these`} onClick=${() => onChoose(group.key)}>
    <span class="name">${nameOf(group)}</span><span class="track">${draw(group)}</span>
    ${numbers(group).map((each, at) => html`<span key=${at} class=${`number ${at ? 'dim' : ''}`}>${each}</span>`)}</button>`;
  return html`<div class=${`groups numbers-${columns.length}`}><${Virtual} lines=${groups.length} height=${HEIGHT} startKey=${label} label=${label}
    headerHeight=${HEAD} header=${html`<div class="head dim" style=${{ height: `${HEAD}px` }}><span>${count(groups.length)} groups</span>
      <span class="track">${head}</span>${columns.map((each) => html`<span class="number" key=${each}>${each}</span>`)}</div>`}
    draw=${(/** @type {number} */ first, /** @type {number} */ end) => groups.slice(first, end).map(line)} /></div>`;
}

/** @param {Group} group @returns {string} */
export const nameOf = (group) => group.name ?? (group.key === null ? 'missing' : String(group.key));

/** @param {number} rows @returns {string} in the room that a column has */
export const fitting = (rows) => (rows < 1e6 ? count(rows) : brief(rows));
