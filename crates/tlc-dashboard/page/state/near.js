/** Samples that are like another: by the vectors that a model made of them, or else by the first map of the view. */
import { computed } from '@preact/signals';
import { get } from '../api.js';
import { numbers } from './columns.js';
import { loaded } from './loaded.js';
import { openRow } from './selection.js';
import { defaults, viewId, viewNow } from './view.js';

const MOST = 8;
/** Vectors of more rows than this are not read again for each sample that is opened. */
const MOST_ROWS = 500_000;
/** Who pages through samples asks for none of those that are passed. */
const PAUSE_MS = 150;

/** @typedef {{vectors: string} | {map: [string, string]}} By */

/** What says how alike samples are. @type {import('@preact/signals').ReadonlySignal<By | null>} */
export const nearBy = computed(() => {
  const view = viewNow.value;
  const vectors = view?.columns.find((column) => column.shows === 'embedding');
  if (view && vectors && view.rows <= MOST_ROWS) return { vectors: vectors.name };
  const map = defaults.value.points[0];
  return map ? { map } : null;
});

/** @type {ReturnType<typeof loaded<number[]>>} */
export const near = loaded(
  () => {
    const id = viewId.value;
    const row = openRow.value;
    const by = nearBy.value;
    return id && row !== null && by ? { key: `${id} ${row} ${JSON.stringify(by)}`, ask: (signal) => asked(id, row, by, signal) } : null;
  },
  { keep: () => false },
);

/** @param {string} id @param {number} row @param {By} by @param {AbortSignal} signal @returns {Promise<number[]>} */
async function asked(id, row, by, signal) {
  await new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
  signal.throwIfAborted();
  if ('map' in by) return onMap(id, row, by.map);
  const found = /** @type {{row: number}[]} */ (
    await get(`views/${id}/samples/${row}/neighbors?len=${MOST}&column=${encodeURIComponent(by.vectors)}`, { signal })
  );
  return found.map((each) => each.row);
}

/** @param {string} id @param {number} row @param {[string, string]} pair @returns {Promise<number[]>} */
async function onMap(id, row, [a, b]) {
  const [x, y] = await Promise.all([numbers(id, a), numbers(id, b)]);
  /** @type {[number, number][]} */
  let best = [];
  let worst = Infinity;
  for (let other = 0; other < x.length; other += 1) {
    const far = (x[other] - x[row]) ** 2 + (y[other] - y[row]) ** 2;
    if (!(far < worst) || other === row) continue;
    best = [...best, /** @type {[number, number]} */ ([far, other])].sort((one, two) => one[0] - two[0]).slice(0, MOST);
    worst = best.length === MOST ? best[MOST - 1][0] : Infinity;
  }
  return best.map((each) => each[1]);
}
