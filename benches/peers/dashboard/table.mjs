// Figures of several runs as a table in Markdown: node table.mjs OUT
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

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

/** @param {string} file @returns {string} */
function table(file) {
  const names = /** @type {(keyof typeof UNITS)[]} */ (Object.keys(UNITS));
  const runs = readFileSync(file, 'utf8').trim().split('\n').map((text) => JSON.parse(text));
  const whats = [...new Set(runs.map((run) => run.what))];
  const figures = (/** @type {string} */ what) => runs.filter((run) => run.what === what).map((run) => run.figures);
  const lines = whats.map((what) => [what, figures(what).length, ...names.map((name) => cell(figures(what), name))]);
  const head = ['product, rows', 'runs', ...names.map((name) => UNITS[name][0])];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(table(process.argv[2]));
