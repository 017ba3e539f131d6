/** Round numbers on an axis. */
import { digits } from '../widgets/format.js';

/**
 * @param {number} low @param {number} high @param {number} most
 * @returns {number[]} round numbers between two ends, no more than about so many
 */
export function ticks(low, high, most) {
  const rough = (high - low) / most;
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** @param {number} tick @returns {string} no zeros at the end, which say nothing here */
export const tickText = (tick) => {
  const text = digits(tick);
  return text.includes('.') ? text.replace(/\.?0+(?=e|$)/, '') : text;
};

const UNITS = /** @type {const} */ ([
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
]);

/** Steps between ticks of a duration that people count in, in seconds. */
export const DURATIONS = [
  ...[0.001, 0.01, 0.1, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 500].map((days) => days * 86400),
];

/** @param {number} seconds @returns {string} in the two largest units that say something */
export function durationText(seconds) {
  const at = UNITS.findIndex(([unit]) => Math.abs(seconds) >= unit);
  if (at < 0) return `${tickText(seconds)} s`;
  const [unit, name] = UNITS[at];
  const [smaller, smallerName] = UNITS[at + 1] ?? [1, 's'];
  const whole = Math.trunc(seconds / unit);
  const rest = Math.round(Math.abs(seconds - whole * unit) / smaller);
  return rest > 0 ? `${whole} ${name} ${rest} ${smallerName}` : `${whole} ${name}`;
}
