/** What the epochs say of one sample: each metric as lines over them, one for each run. */
import { rowAt } from './rows.js';
import { sampleOf } from './sample.js';
import { cursor, openRow } from './selection.js';
import { columnOf, defaults, viewNow } from './view.js';

/** @typedef {import('./types.js').Sample} Sample */
/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {{name: string, values: (Cell | undefined)[][]}} Track of each run its values, as the epochs are */
/** @typedef {{epochs: number[], runs: string[], numbers: Track[], classes: Track[]}} History `runs`: their names */

/** @returns {number | null} the sample that is open, else the one that the keys are at */
export const rowNow = () => openRow.value ?? rowAt(cursor.value)?.row ?? null;

/** @param {number} row @returns {History | null} when it is here */
export function historyOf(row) {
  const sample = sampleOf(row);
  return sample && historyIn(sample);
}

/** @param {Sample} sample @returns {History} */
export function historyIn({ history }) {
  const dated = history.filter((each) => each.epoch !== null).toSorted((a, b) => Number(a.epoch) - Number(b.epoch));
  const epochs = [...new Set(dated.map((each) => Number(each.epoch)))];
  const runs = [...new Set(dated.map((each) => each.run ?? ''))];
  const names = new Set(dated.flatMap((each) => Object.keys(each.cells)));
  const { loss, confidence } = defaults.value;
  const columns = (viewNow.value?.columns ?? []).map((column) => column.name);
  const inOrder = [...new Set([loss, confidence, ...columns])].filter((name) => typeof name === 'string').filter((name) => names.has(name));
  const valueOf = (/** @type {string} */ name, /** @type {string} */ run, /** @type {number} */ epoch) =>
    dated.find((each) => (each.run ?? '') === run && each.epoch === epoch && name in each.cells)?.cells[name];
  const tracks = inOrder.map((name) => ({ name, values: runs.map((run) => epochs.map((epoch) => valueOf(name, run, epoch))) }));
  return {
    epochs,
    runs,
    numbers: tracks.filter((track) => columnOf(track.name)?.kind === 'number' && tells(track)),
    classes: tracks.filter(
      (track) => columnOf(track.name)?.kind === 'class' && (tells(track) || track.name === defaults.value.predicted),
    ),
  };
}

/** @param {Track} track @returns {boolean} whether there is something to see: it changes, or it is what one looks at first */
function tells({ name, values }) {
  const all = values.flat().filter((each) => each !== undefined && each !== null);
  const { loss, confidence } = defaults.value;
  return all.length > 0 && (name === loss || name === confidence || all.some((each) => each !== all[0]));
}
