/** The sample under the pointer, beside it. */
import { face } from '../state/face.js';
import { hovered } from '../state/selection.js';
import { sampleOf } from '../state/sample.js';
import { told } from '../state/tiles.js';
import { columnOf, defaults, order } from '../state/view.js';
import { cellText, percent } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Face } from './face.js';

const WIDTH = 320;
const HEIGHT = 152;
const LINES = 208;

export function Hover() {
  const at = hovered.value;
  if (!at) return null;
  const { loss } = defaults.value;
  const isImage = face.value === 'image';
  const sample = sampleOf(at.row);
  const cells = sample?.cells ?? {};
  const says = told(at.row, cells);
  const left = at.x + 20 + WIDTH > window.innerWidth ? at.x - WIDTH - 20 : at.x + 20;
  const height = isImage ? HEIGHT : LINES;
  const top = Math.min(Math.max(8, at.y + 16), window.innerHeight - height - 8);
  const by = [loss, order.value[0]?.column].filter((name, place, all) => name && all.indexOf(name) === place);
  return html`<div class="tip hover" style=${{ left: `${left}px`, top: `${top}px`, width: `${WIDTH}px`, [isImage ? 'height' : 'maxHeight']: `${height}px` }}>
    ${isImage && html`<div class="hoverface"><${Face} row=${at.row} cells=${cells} alt="" /></div>`}
    <div class="grow">
      ${says.label !== null && html`<div class="cut">${says.newLabel ? html`<s class="dim">${says.label}</s> <b class="accent">${says.newLabel}</b>` : html`<b>${says.label}</b>`}</div>`}
      ${
        says.predicted !== null &&
        html`<div class="cut"><b
        class=${says.isWrong ? 'wrong' : ''}>${says.predicted}</b>${says.confidence !== null && ` ${percent(says.confidence)}`}</div>`
      }
      ${!isImage && sample && html`<div class="said"><${Face} row=${at.row} cells=${cells} alt="" /></div>`}
      ${by.map((name) => html`<div class="cut dim" key=${name}>${name} ${cellText(cells[String(name)], columnOf(name))}</div>`)}
      <div class="dim">row ${at.row}</div>
    </div>
  </div>`;
}
