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
export const tickText = (tick) => (Number.isInteger(tick) ? digits(tick) : digits(tick).replace(/\.?0+(?=e|$)/, ''));
