/** How values are written: three significant digits, the full value where one points at it. */

/** @param {number} value @returns {string} three significant digits, without a power of ten where that reads well */
export function digits(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return count(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace('e+', 'e').replace('-', '−').replace('e-', 'e−');
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 5)).replace('-', '−');
}

const THOUSANDS = /\B(?=(\d{3})+$)/g;

/** @param {number} value @returns {string} a whole number with thousands apart; `toLocaleString` takes 20 ms the first time */
export const count = (value) => String(value).replace(THOUSANDS, ',').replace('-', '−');

/** @param {number} value @param {string} name of one @returns {string} so many of them */
export const many = (value, name) => `${count(value)} ${value === 1 ? name : `${name}s`}`;

/** @param {number} value @returns {string} a whole number where there is little room */
export const brief = (value) =>
  value < 10_000 ? count(value) : value < 999_500 ? `${Number((value / 1000).toPrecision(3))} k` : `${(value / 1e6).toPrecision(3)} M`;

/** @param {number} part @returns {string} */
export const percent = (part) =>
  part < 0.0995 && part > 0 ? `${(part * 100).toPrecision(2)} %` : `${(part * 100).toFixed(part > 0.995 && part < 0.9995 ? 1 : 0)} %`;

/** @param {number} time @param {number} now @returns {string} how long ago */
export function age(time, now) {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 60) return 'now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** @param {number} time @returns {string} */
export const moment = (time) => new Date(time).toISOString().replace('T', ' ').slice(0, 19);

/**
 * @param {import('../state/types.js').Cell | undefined} cell
 * @param {import('../state/types.js').Column | undefined} column
 * @returns {string}
 */
export function cellText(cell, column) {
  if (cell === null || cell === undefined) return '—';
  if (column?.classes) return className(column.classes, Number(cell));
  if (column?.kind === 'moment' && typeof cell === 'number') return moment(cell);
  if (typeof cell === 'number') return digits(cell);
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** @param {import('../state/types.js').Cell | undefined} cell @returns {any} lists and structs, also where they came as text */
export function parsed(cell) {
  if (typeof cell !== 'string' || !/^[[{]/.test(cell)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

/** @param {import('../state/types.js').Class[]} classes @param {number} id @returns {string} */
export const className = (classes, id) => classes.find((each) => each.id === id)?.name ?? `class ${id}`;

/** @param {import('../state/types.js').Column} column @returns {string} */
export const titleOf = (column) => column.title ?? column.name;

/** @param {unknown} value @returns {string} a parameter of a run */
export function parameterText(value) {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return value === null || value === undefined ? '—' : String(value);
}

/** @param {string} x @param {string} y @returns {string} what two columns are together: `umap.x` and `umap.y` are umap */
export function pairTitle(x, y) {
  const name = x.replace(/[._]?x$/, '');
  return name && name !== x && y.replace(/[._]?y$/, '') === name ? name : `${x} × ${y}`;
}
