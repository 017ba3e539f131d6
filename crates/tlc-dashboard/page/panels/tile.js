/** A sample as a tile: its image, its text or its row; its label, and the prediction, red when it is another. */
import { face } from '../state/face.js';
import { told } from '../state/tiles.js';
import { columnOf, defaults, order } from '../state/view.js';
import { cellText, percent } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Face } from './face.js';

/**
 * @param {object} props
 * @param {number} props.row
 * @param {Record<string, import('../state/types.js').Cell>} props.cells
 * @param {number} props.size
 * @param {boolean} props.isSelected
 * @param {boolean} props.isCursor
 * @param {boolean} props.isOpen
 * @param {(event: MouseEvent) => void} props.onPick
 * @param {() => void} props.onToggle
 * @param {(event: PointerEvent | null) => void} props.onHover
 */
export function Tile({ row, cells, size, isSelected, isCursor, isOpen, onPick, onToggle, onHover }) {
  const says = told(row, cells);
  const by = order.value[0]?.column;
  const isSaid =
    by === undefined || face.value === 'values' || [defaults.value.label, defaults.value.predicted, defaults.value.confidence].includes(by);
  const isSmall = size < 56;
  const name = `row ${row}${says.label ? `, label ${says.newLabel ?? says.label}` : ''}${says.predicted ? `, predicted ${says.predicted}` : ''}`;
  const classes = [
    'tile',
    isSelected && 'is-selected',
    isCursor && 'is-cursor',
    isOpen && 'is-open',
    says.isWrong && 'is-wrong',
    says.newLabel && 'is-changed',
    says.isLeftOut && 'is-out',
  ]
    .filter(Boolean)
    .join(' ');
  return html`<div class=${classes} role="option" aria-selected=${isSelected} style=${{ width: `${size}px` }}
    onClick=${onPick}
      onPointerEnter=${(/** @type {PointerEvent} */ event) => onHover(event)} onPointerLeave=${() => onHover(null)}>
    <div class="face" style=${{ height: `${faceHeight(size)}px` }}>
      <${Face} row=${row} cells=${cells} alt=${isSmall ? name : `row ${row}`} isLazy />
      <i class="check" title=${isSelected ? 'selected' : 'select'} onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        onToggle();
      }} />
      ${!isSaid && by && html`<span class="value">${cellText(cells[by], columnOf(by))}</span>`}
    </div>
    ${
      !isSmall &&
      (says.label !== null || says.predicted !== null) &&
      html`<div class="says">
      ${says.label !== null && html`<div class="cut">${says.newLabel ? html`<span class="accent">${says.newLabel}</span> <s class="dim">${says.label}</s>` : says.label}</div>`}
      ${
        says.predicted !== null &&
        html`<div class="model"><span
        class=${`cut ${says.isWrong ? 'wrong' : 'dim'}`}>${says.predicted}</span>${says.confidence !== null && size > 72 && html`<span class="dim">${percent(says.confidence)}</span>`}</div>`
      }
    </div>`
    }
  </div>`;
}

/** @param {number} size @returns {number} texts and rows are wider than they are high */
const faceHeight = (size) => (face.value === 'image' ? size : Math.round(size * 0.5));

/** @param {number} height @param {number} lines @returns {number} the size of tiles of images that are that high */
export const sizeOfHeight = (height, lines) => height - 4 - lines * 15;

/** @param {number} size @param {number} lines @returns {number} how high a tile is, with the lines under it */
export const tileHeight = (size, lines) => faceHeight(size) + (size < 56 || lines === 0 ? 6 : 4 + lines * 15);
