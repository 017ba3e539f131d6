/** What is near a sample, and which labels those have. */
import { face } from '../state/face.js';
import { near, nearBy } from '../state/near.js';
import { sampleOf } from '../state/sample.js';
import { told } from '../state/tiles.js';
import { columnOf } from '../state/view.js';
import { pairTitle, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Face } from './face.js';

/** @param {{onOpen?: (row: number) => void}} props */
export function Near({ onOpen }) {
  const by = nearBy.value;
  if (!by) return null;
  const space = 'vectors' in by ? titleOf(/** @type {any} */ (columnOf(by.vectors))) : pairTitle(...by.map);
  const { value, isLoading, error } = near.value;
  const samples = (value ?? []).map((row) => ({ row, cells: sampleOf(row)?.cells ?? {} }));
  const names = samples
    .map(({ row, cells }) => told(row, cells))
    .map((says) => says.newLabel ?? says.label)
    .filter((name) => name !== null);
  return html`<section class="near" aria-label="near it" aria-busy=${isLoading}><h3>Near it <span class="dim">in ${space}</span></h3>
    ${error && html`<p class="dim">${error.message}</p>`}
    <div class=${`like ${face.value === 'image' ? '' : 'is-text'}`}>${samples.map(({ row, cells }) => {
      const says = told(row, cells);
      const name = `row ${row}${says.label === null ? '' : `, ${says.newLabel ?? says.label}`}`;
      const shown = html`<${Face} row=${row} cells=${cells} alt=${name} />`;
      return onOpen
        ? html`<button type="button" key=${row} title=${name} aria-label=${name} onClick=${() => onOpen(row)}>${shown}</button>`
        : html`<div key=${row} title=${name}>${shown}</div>`;
    })}</div>
    <p class="dim">${tally(names)}</p></section>`;
}

/** @param {string[]} names @returns {string} how many of each, the most first */
const tally = (names) =>
  [...new Set(names)]
    .map((name) => ({ name, times: names.filter((each) => each === name).length }))
    .toSorted((a, b) => b.times - a.times)
    .map(({ name, times }) => `${times} ${name}`)
    .join(', ');
