/**
 * A running average that gives the past `weight`, as other tools do it, without its start being drawn to zero.
 *
 * @param {(number | null | undefined)[]} values
 * @param {number} weight 0 is none, under 1
 * @returns {(number | null | undefined)[]}
 */
export function smooth(values, weight) {
  if (weight <= 0) return values;
  let sum = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return value;
    sum = sum * weight + value * (1 - weight);
    mass = mass * weight + (1 - weight);
    return sum / mass;
  });
}
