/** Embeddings that could be looked at: laid out by the server, in two or three dimensions, when somebody asks. */
import { computed } from '@preact/signals';
import { session } from './catalog.js';
import { addChart } from './charts.js';
import { longWork } from './jobs.js';
import { columnOf, defaults, reopen, viewId, viewNow } from './view.js';

/** @typedef {{column: string, dimensions: 2 | 3}} Layout */

/** @param {Layout} layout @returns {string} what its coordinates are called */
const nameOf = ({ column, dimensions }) => `${column}_umap${dimensions === 3 ? '_3d' : ''}`;

/** Layouts that nobody has asked for yet. @type {import('@preact/signals').ReadonlySignal<Layout[]>} */
export const missing = computed(() => {
  const vectors = (viewNow.value?.columns ?? []).filter((column) => column.shows === 'embedding' && !column.is_of_table);
  if (session.value.value?.read_only || !viewNow.value?.runs.length) return [];
  return vectors
    .flatMap(({ name }) => /** @type {Layout[]} */ ([2, 3].map((dimensions) => ({ column: name, dimensions }))))
    .filter((layout) => !columnOf(`${nameOf(layout)}.x`));
});

/** @type {Layout | null} */
let wanted = null;
export const work = longWork(async () => {
  await reopen();
  if (!wanted) return;
  const [x, y, z] = ['x', 'y', 'z'].map((axis) => `${nameOf(/** @type {Layout} */ (wanted))}.${axis}`);
  const color = defaults.peek().label ?? null;
  addChart(wanted.dimensions === 3 ? { kind: 'points3', x, y, z, color } : { kind: 'points', x, y, color });
});

/** @param {Layout} layout */
export function layOut(layout) {
  wanted = layout;
  work.begin(`views/${viewId.peek()}/layouts`, layout);
}
