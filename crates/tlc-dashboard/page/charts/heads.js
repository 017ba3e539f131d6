/** Heads over the columns of a matrix: names that are wider than their column lean by 45 degrees. */

const LETTER = 6.6;
const STRAIGHT = 20;
const MOST = 78;
/** What a leaning head is high beside its text. */
const FOOT = 12;
const LEAN = Math.SQRT1_2;

/**
 * @param {string[]} names @param {number} room for all columns @param {number} widest a column is made
 * @returns {{isLeaning: boolean, height: number, length: number, over: number, width: number}} `length`: how long a leaning name may be; `over`: how far it leans over the last column; `width`: of a column
 */
export function headsOf(names, room, widest) {
  const many = Math.max(names.length, 1);
  const longest = Math.max(1, ...names.map((name) => name.length)) * LETTER;
  const isLeaning = longest > Math.min(widest, room / many);
  const height = isLeaning ? Math.min(MOST, longest * LEAN + FOOT) : STRAIGHT;
  const over = isLeaning ? height - FOOT : 0;
  return { isLeaning, height, length: height / LEAN - FOOT / 2, over, width: Math.min(widest, (room - over) / many) };
}
