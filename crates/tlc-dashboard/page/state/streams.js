/** The streams of a run that have rows to look at. */

/** @typedef {import('./types.js').Stream} Stream */

/** @param {import('./types.js').Run | null | undefined} run @returns {Stream[]} */
export const streamsOf = (run) => (run?.streams ?? []).filter((each) => !each.is_finding && each.rows > 0);

/** @param {Stream[]} streams @param {string | null} name @returns {Stream | null} the one that is named, else the one that the server opens: that with most rows */
export const streamAt = (streams, name) =>
  streams.find((each) => each.name === name) ?? streams.toSorted((a, b) => b.rows - a.rows)[0] ?? null;

/** @param {Stream} stream @param {Stream[]} all @returns {string} its splits, where they tell it from the others */
export function streamTitle(stream, all) {
  const title = stream.splits.join(', ');
  return title && all.filter((each) => each.splits.join(', ') === title).length === 1 ? title : stream.name;
}
