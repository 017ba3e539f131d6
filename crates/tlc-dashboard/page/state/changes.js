/** A number of the same samples in two runs: rows of both that stand beside the same row of a table. */
import { classPlaces, numbers } from './columns.js';
import { loaded } from './loaded.js';
import { columnOf, defaults, growth, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Verdict} Verdict */

/** Those that one looks for last, so that they are drawn over the others. @type {Verdict[]} */
export const VERDICTS = ['unknown', 'stays_right', 'stays_wrong', 'newly_right', 'newly_wrong'];

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
  const placesOf = (/** @type {string} */ name) => classPlaces(id, name, columnOf(name)?.classes?.length ?? 0);
  const { label, predicted } = defaults.peek();
  const isJudged = Boolean(columnOf(label) && columnOf(predicted));
  const [values, tableRows, runs, tables, labels, said] = await Promise.all([
    numbers(id, of),
    numbers(id, 'table_row'),
    placesOf('run'),
    columnOf('table') ? placesOf('table') : null,
    isJudged ? placesOf(String(label)) : null,
    isJudged ? placesOf(String(predicted)) : null,
  ]);
  const names = (viewNow.peek()?.runs ?? []).map((run) => run.id);
  const befores = byTableRow(runs, tables, tableRows, names.indexOf(before));
  const isRight = labels && said ? judge(labels, said, sameNames(String(predicted), String(label))) : () => null;
  const place = names.indexOf(after);
  const others = Int32Array.from(runs, (run, row) => (run === place ? befores(row) : -1));
  const verdicts = Uint8Array.from(others, (other, row) => (other < 0 ? 0 : VERDICTS.indexOf(verdictOf(isRight(other), isRight(row)))));
  return byVerdict(others, verdicts, values);
}

/**
 * @param {Int32Array} others the row before of each row, −1 where there is none @param {Uint8Array} verdicts of each row
 * @param {Float32Array} values
 * @returns {Changes}
 */
function byVerdict(others, verdicts, values) {
  const counts = VERDICTS.map(() => 0);
  others.forEach((other, row) => {
    if (other >= 0) counts[verdicts[row]] += 1;
  });
  const next = counts.map((_, at) => counts.slice(0, at).reduce((sum, each) => sum + each, 0));
  const pairs = counts.reduce((sum, each) => sum + each, 0);
  const [x, y] = [new Float32Array(pairs), new Float32Array(pairs)];
  const [rows, sorted, pairOf] = [new Uint32Array(pairs), new Uint8Array(pairs), new Int32Array(others.length).fill(-1)];
  others.forEach((other, row) => {
    if (other < 0) return;
    const at = next[verdicts[row]];
    next[verdicts[row]] += 1;
    x[at] = values[other];
    y[at] = values[row];
    rows[at] = row;
    sorted[at] = verdicts[row];
    pairOf[other] = at;
    pairOf[row] = at;
  });
  return { places: [x, y], rows, verdicts: sorted, counts, pairOf };
}

/**
 * @param {Uint8Array | Uint16Array} runs @param {Uint8Array | Uint16Array | null} tables @param {Float32Array} tableRows @param {number} run
 * @returns {(row: number) => number} the row of that run beside the same row of the same table; −1 when there is none
 */
function byTableRow(runs, tables, tableRows, run) {
  /** @type {Map<number, Int32Array>} */
  const known = new Map();
  const most = tableRows.reduce((all, each) => (each > all ? each : all), 0);
  const of = (/** @type {number} */ table) => {
    const found = known.get(table) ?? new Int32Array(most + 1).fill(-1);
    known.set(table, found);
    return found;
  };
  for (let row = 0; row < runs.length; row += 1) if (runs[row] === run && tableRows[row] >= 0) of(tables?.[row] ?? 0)[tableRows[row]] = row;
  return (row) => (tableRows[row] >= 0 ? (known.get(tables?.[row] ?? 0)?.[tableRows[row]] ?? -1) : -1);
}

/** @param {string} from @param {string} to @returns {number[]} for each class of one column the place of the class of the same name in another */
function sameNames(from, to) {
  const places = new Map((columnOf(to)?.classes ?? []).map((each, place) => [each.name, place]));
  return (columnOf(from)?.classes ?? []).map((each) => places.get(each.name) ?? -1);
}

/**
 * @param {Uint8Array | Uint16Array} labels @param {Uint8Array | Uint16Array} said @param {number[]} same
 * @returns {(row: number) => boolean | null} null where one of them is missing
 */
function judge(labels, said, same) {
  const none = labels.BYTES_PER_ELEMENT === 1 ? 255 : 65535;
  return (row) => (labels[row] === none || same[said[row]] === undefined ? null : same[said[row]] === labels[row]);
}

/** @param {boolean | null} before @param {boolean | null} after @returns {Verdict} */
function verdictOf(before, after) {
  if (before === null || after === null) return 'unknown';
  if (after) return before ? 'stays_right' : 'newly_right';
  return before ? 'newly_wrong' : 'stays_wrong';
}
