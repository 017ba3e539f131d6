/** A sample at a glance, in tiles, under the pointer, beside the rows and in review: its image, its text, or its values. */
import { face, facts } from '../state/face.js';
import { pictureOf } from '../state/overlays.js';
import { sequenceOf } from '../state/tokens.js';
import { columnOf, defaults } from '../state/view.js';
import { cellText, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Picture } from '../widgets/picture.js';
import { Tokens } from '../widgets/tokens.js';

/** @typedef {Record<string, import('../state/types.js').Cell>} Cells */

/** @param {{row: number, cells: Cells, alt: string, isLabelled?: boolean, isLazy?: boolean}} props */
export function Face({ row, cells, alt, isLabelled = false, isLazy = false }) {
  if (face.value === 'image') {
    const { src, layers } = pictureOf(row, cells);
    return html`<${Picture} key=${row} src=${src} layers=${layers} alt=${alt} isLabelled=${isLabelled} isLazy=${isLazy} />`;
  }
  const sequence = sequenceOf(cells);
  if (sequence) return html`<${Tokens} ...${sequence} />`;
  const { text } = defaults.value;
  return face.value === 'text'
    ? html`<p class="text">${cellText(cells[String(text)], columnOf(text))}</p>`
    : html`<${Facts} cells=${cells} />`;
}

/** @param {{cells: Cells}} props a row as what it holds */
const Facts = ({ cells }) =>
  html`<dl class="facts-short">${facts.value.map(
    (column) => html`<dt key=${`${column.name} name`} title=${column.description ?? column.name}>${titleOf(column)}</dt>
    <dd key=${column.name} title=${String(cells[column.name] ?? 'missing')}>${cellText(cells[column.name], column)}</dd>`,
  )}</dl>`;
