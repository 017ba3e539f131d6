// Figures of several runs as lines of Markdown.

/** @typedef {Record<string, number | null>} Figures what was measured, by its name */

const UNITS = /** @type {const} */ ({
  start_ms: ['server listens, s', 1000],
  view_ms: ['useful view, s', 1000],
  answered_ms: ['filter: longest answer, ms', 1],
  took_ms: ['of it the engine, ms', 1],
  updated_ms: ['filter: count is there, ms', 1],
  shown_ms: ['filter: its rows are shown, ms', 1],
  drawn_ms: ['filter: the points, too, ms', 1],
  renderer_mb: ['renderer, MB', 1],
  server_mb: ['server, MB', 1],
  sent_mb: ['sent until then, MB', 1],
  review_ms: ['a step of review, ms', 1],
  step_ms: ['next sample, ms', 1],
});

/** @param {number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {number} value */
const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** @param {Figures[]} runs @param {keyof typeof UNITS} name @returns {string} the median, and in brackets the least and the most */
function cell(runs, name) {
  const values = runs.map((run) => run[name]).filter((value) => typeof value === 'number').map((value) => value / UNITS[name][1]);
  if (values.length === 0) return '';
  return `${digits(median(values))} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`;
}

/** @param {string} what @param {Figures[]} runs @returns {string} a line of the table */
export const line = (what, runs) => `| ${[what, ...Object.keys(UNITS).map((name) => cell(runs, /** @type {keyof typeof UNITS} */ (name)))].join(' | ')} |`;

/** @returns {string} */
export const head = () => `| product, rows | ${Object.values(UNITS).map(([title]) => title).join(' | ')} |\n|${'---|'.repeat(Object.keys(UNITS).length + 1)}`;
