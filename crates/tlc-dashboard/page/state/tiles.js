/** What a tile or a line says of a sample: its label, the prediction, whether they differ. */
import { cellText } from '../widgets/format.js';
import { pendingOf } from './edits.js';
import { columnOf, defaults } from './view.js';

/** @typedef {import('./types.js').Cell} Cell */

/**
 * @typedef {object} Told
 * @property {string | null} label as it is in the table
 * @property {string | null} newLabel as it will be after the commit
 * @property {string | null} predicted
 * @property {number | null} confidence
 * @property {boolean} isWrong the prediction is another than the label that holds
 * @property {boolean} isLeftOut its weight is 0
 */

/** @param {number} row @param {Record<string, Cell>} cells @returns {Told} */
export function told(row, cells) {
  const { label, predicted, confidence, weight } = defaults.value;
  const changed = pendingOf(row);
  const own = nameOf(label, label ? cells[label] : null);
  const next = label && label in changed ? nameOf(label, changed[label]) : null;
  const other = nameOf(predicted, predicted ? cells[predicted] : null);
  const held = next ?? own;
  return {
    label: own,
    newLabel: next === own ? null : next,
    predicted: other,
    confidence: confidence && typeof cells[confidence] === 'number' ? Number(cells[confidence]) : null,
    isWrong: areClasses(label, predicted) && held !== null && other !== null && held !== other,
    isLeftOut: weight ? Number(weight in changed ? changed[weight] : (cells[weight] ?? 1)) === 0 : false,
  };
}

/** @param {string | null | undefined} column @param {Cell | undefined} cell @returns {string | null} */
function nameOf(column, cell) {
  if (!column || cell === null || cell === undefined) return null;
  return cellText(cell, columnOf(column));
}

/** @param {string | null | undefined} label @param {string | null | undefined} predicted @returns {boolean} numbers are near or far, and not right or wrong */
const areClasses = (label, predicted) => columnOf(label)?.kind !== 'number' && columnOf(predicted)?.kind !== 'number';
