/** @param {Float32Array} values @returns {[number, number]} the least and the most of the finite ones */
export function extent(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  return least <= most ? [least, most] : [0, 1];
}
