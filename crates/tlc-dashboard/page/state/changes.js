/** A number of the same samples in two runs. */
import { postForBytes } from '../api.js';
import { numbers } from './columns.js';
import { loaded } from './loaded.js';
import { columnOf, growth, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Verdict} Verdict */

/** Those that one looks for last, so that they are drawn over the others. @type {Verdict[]} */
export const VERDICTS = ['unknown', 'unchanged', 'stays_right', 'stays_wrong', 'fell', 'newly_right', 'grew', 'newly_wrong'];
/** As the server numbers them. @type {Verdict[]} */
const CODES = ['newly_right', 'newly_wrong', 'stays_right', 'stays_wrong', 'grew', 'fell', 'unchanged', 'unknown'];

/**
 * Samples that both runs have.
 *
 * @typedef {object} Changes
 * @property {Float32Array[]} places the number before, and after
 * @property {Uint32Array} rows of the run after
 * @property {Uint8Array} verdicts places in `VERDICTS`
 * @property {number[]} counts of each verdict
 * @property {Int32Array} pairOf each row of the view; −1 where it is in none
 */

/** @typedef {{of: string, before: string, after: string}} ChangeColumns `before` and `after`: ids of runs */

/**
 * @param {() => ChangeColumns | null} wanted reads signals
 * @returns {ReturnType<typeof loaded<Changes>>}
 */
export const changes = (wanted) =>
  loaded(() => {
    const id = viewId.value;
    const now = wanted();
    if (!id || !now) return null;
    return { key: `${id} ${growth.value} ${JSON.stringify(now)}`, ask: () => fetchChanges(id, now) };
  });

/** @param {string} id @param {ChangeColumns} wanted @returns {Promise<Changes>} */
async function fetchChanges(id, { of, before, after }) {
  const right = viewNow.peek()?.compare_by?.right ?? { type: 'change' };
  const [bytes, values] = await Promise.all([
    postForBytes('compare/pairs', { before: side(id, before), after: side(id, after), by: { value: of, right } }),
    numbers(id, of),
  ]);
  const pairs = bytes.byteLength / 9;
  const [befores, afters] = [new Uint32Array(bytes, 0, pairs), new Uint32Array(bytes, 4 * pairs, pairs)];
  const verdicts = new Uint8Array(bytes, 8 * pairs).map((code) => VERDICTS.indexOf(CODES[code]));
  return byVerdict(befores, afters, verdicts, values);
}

/** @param {string} view @param {string} run its id @returns {{view: string, filters: import('./types.js').Filter[]}} the rows of one run */
function side(view, run) {
  const place = (viewNow.peek()?.runs ?? []).findIndex((each) => each.id === run);
  const id = columnOf('run')?.classes?.[place]?.id;
  return { view, filters: [{ type: 'classes', column: 'run', ids: id === undefined ? [] : [id] }] };
}

/**
 * Sorted so that those that one looks for are drawn last.
 *
 * @param {Uint32Array} befores rows @param {Uint32Array} afters rows @param {Uint8Array} verdicts of each pair @param {Float32Array} values
 * @returns {Changes}
 */
function byVerdict(befores, afters, verdicts, values) {
  const counts = VERDICTS.map(() => 0);
  for (const verdict of verdicts) counts[verdict] += 1;
  const next = counts.map((_, at) => counts.slice(0, at).reduce((sum, each) => sum + each, 0));
  const [x, y] = [new Float32Array(afters.length), new Float32Array(afters.length)];
  const [rows, sorted, pairOf] = [new Uint32Array(afters.length), new Uint8Array(afters.length), new Int32Array(values.length).fill(-1)];
  afters.forEach((row, pair) => {
    const at = next[verdicts[pair]];
    next[verdicts[pair]] += 1;
    x[at] = values[befores[pair]];
    y[at] = values[row];
    rows[at] = row;
    sorted[at] = verdicts[pair];
    pairOf[befores[pair]] = at;
    pairOf[row] = at;
  });
  return { places: [x, y], rows, verdicts: sorted, counts, pairOf };
}
