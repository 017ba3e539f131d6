/** Numbers of rows as a short text: `3-7,10`. */

/** @param {Iterable<number>} rows @returns {string} */
export function toRanges(rows) {
  /** @type {[number, number][]} */
  const ranges = [];
  for (const row of [...rows].sort((a, b) => a - b)) {
    const last = ranges[ranges.length - 1];
    if (last && row <= last[1] + 1) last[1] = row;
    else ranges.push([row, row]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

const MOST = 100_000;

/** @param {string} text @returns {number[]} what is no number of a row is passed over */
export function fromRanges(text) {
  /** @type {number[]} */
  const rows = [];
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    for (let row = Number(first ?? NaN); row <= Number(last) && rows.length < MOST; row += 1) rows.push(row);
  }
  return rows;
}
