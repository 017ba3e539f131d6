/** Samples that are near another on the first map of the view. */
import { numbers } from './columns.js';
import { loaded } from './loaded.js';
import { openRow } from './selection.js';
import { defaults, viewId } from './view.js';

const MOST = 8;

/** @type {ReturnType<typeof loaded<number[]>>} */
export const near = loaded(() => {
  const id = viewId.value;
  const row = openRow.value;
  const pair = defaults.value.points[0];
  return id && row !== null && pair ? { key: `${id} ${row}`, ask: () => nearest(id, row, pair) } : null;
});

/** @param {string} id @param {number} row @param {[string, string]} pair @returns {Promise<number[]>} */
async function nearest(id, row, [a, b]) {
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
