/** The graph of revisions: the newest on top, each branch in a lane of its own. */

/** @typedef {import('./types.js').Table} Table */
/** @typedef {{table: Table, line: number, lane: number}} Node */

/**
 * @param {Table[]} tables of one data set
 * @returns {{nodes: Node[], edges: {from: Node, to: Node}[], lanes: number}} an edge goes from a revision to its parent
 */
export function lanesOf(tables) {
  const sorted = tables.toSorted((a, b) => (b.created ?? 0) - (a.created ?? 0));
  const order = childrenFirst(sorted);
  const ids = new Set(order.map((table) => table.id));
  /** @type {(string | null)[]} who each lane waits for */
  const waiting = [];
  const nodes = order.map((table, line) => {
    const lane = placeFor(waiting, table.id);
    waiting.forEach((wanted, at) => {
      if (wanted === table.id && at !== lane) waiting[at] = null;
    });
    waiting[lane] = table.parents.find((parent) => ids.has(parent)) ?? null;
    return { table, line, lane };
  });
  const byId = new Map(nodes.map((node) => [node.table.id, node]));
  const edges = nodes.flatMap((from) =>
    from.table.parents.flatMap((parent) => {
      const to = byId.get(parent);
      return to ? [{ from, to }] : [];
    }),
  );
  return { nodes, edges, lanes: Math.max(1, ...nodes.map((node) => node.lane + 1)) };
}

/** @param {(string | null)[]} waiting @param {string} id @returns {number} the lane that waits for it, or a free one */
function placeFor(waiting, id) {
  const own = waiting.indexOf(id);
  if (own >= 0) return own;
  const free = waiting.findIndex((wanted) => wanted === null || wanted === undefined);
  return free >= 0 ? free : waiting.length;
}

/** @param {Table[]} sorted @returns {Table[]} the same, but no parent before its children, whatever the clocks said */
function childrenFirst(sorted) {
  /** @type {Table[]} */
  const out = [];
  const rest = [...sorted];
  while (rest.length > 0) {
    const at = rest.findIndex((table) => !rest.some((other) => other.parents.includes(table.id) && other.id !== table.id));
    out.push(...rest.splice(Math.max(at, 0), 1));
  }
  return out;
}
