/** The frame of a chart: its kind, what it is of, of how many rows; and picking its columns. */
import { viewNow } from '../state/view.js';
import { Failure, Pick } from '../widgets/basics.js';
import { html } from '../widgets/html.js';

/** @typedef {{head: any, end: any}} Frame what stands before and after a chart's own choices */

/**
 * @param {object} props
 * @param {Frame} props.frame
 * @param {any} props.tools what can be chosen
 * @param {any} [props.note] of how many rows it is
 * @param {Error | null} [props.error]
 * @param {any} props.children
 */
export const Pane = ({ frame, tools, note, error = null, children }) => html`<figure class="pane">
  <figcaption>${frame.head}<span class="row dim">${tools}</span><span class="dim number">${note}</span>${frame.end}</figcaption>
  <${Failure} error=${error} />
  ${children}
</figure>`;

/**
 * A column of these kinds.
 *
 * @param {{label: string, value: string | null, kinds: string[], onChoose: (name: string) => void, none?: string, more?: string[]}} props `none`: what it is called when there is none; `more`: columns of other kinds that will do, too
 */
export function ColumnPick({ label, value, kinds, onChoose, none, more = [] }) {
  const names = (viewNow.value?.columns ?? [])
    .filter((column) => !column.shows && (kinds.includes(column.kind) || more.includes(column.name)))
    .map((column) => column.name);
  return html`<${Pick} label=${label} value=${value ?? ''} choices=${[...(none ? [['', none]] : []), ...names.map((name) => [name, name])]}
    onChoose=${onChoose} />`;
}
