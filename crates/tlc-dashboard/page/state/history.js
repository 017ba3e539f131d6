/** What the epochs say of one sample: each metric as lines over them, one for each run. */
import { rowAt } from './rows.js';
import { sampleOf } from './sample.js';
import { cursor, openRow } from './selection.js';
import { columnOf, defaults, viewNow } from './view.js';

/** @typedef {import('./types.js').Sample} Sample */
/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {{name: string, values: (Cell | undefined)[][]}} Track of each run its values, as the epochs are */
/** @typedef {{epochs: number[], runs: {id: string, name: string}[], numbers: Track[], classes: Track[]}} History */

/** @returns {number | null} the sample that is open, else the one that the keys are at */
export const rowNow = () => openRow.value ?? rowAt(cursor.value)?.row ?? null;

/** @param {number} row @returns {History | null} when it is here */
export function historyOf(row) {
  const sample = sampleOf(row);
  return sample && told(sample);
}

/** @param {Sample} sample @returns {History} */
function told({ history }) {
  const dated = history.filter((each) => each.epoch !== null).toSorted((a, b) => Number(a.epoch) - Number(b.epoch));
  const epochs = [...new Set(dated.map((each) => Number(each.epoch)))];
  const ids = [...new Set(dated.map((each) => each.run ?? ''))];
  const names = [...new Set(dated.flatMap((each) => Object.keys(each.cells)))].filter(
    (name) => columnOf(name) && !['id', 'axis'].includes(columnOf(name)?.role ?? ''),
  );
  const { loss, confidence } = defaults.value;
  const columns = (viewNow.value?.columns ?? []).map((column) => column.name);
  const inOrder = [...new Set([loss, confidence, ...columns])].filter((name) => typeof name === 'string' && names.includes(name));
  const tracks = inOrder.map((name) => ({
    name: String(name),
    values: ids.map((id) =>
      epochs.map((epoch) => dated.find((each) => (each.run ?? '') === id && each.epoch === epoch && String(name) in each.cells)?.cells[String(name)]),
    ),
  }));
  return {
    epochs,
    runs: ids.map((id) => ({ id, name: viewNow.value?.runs.find((run) => run.id === id)?.name ?? '' })),
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
