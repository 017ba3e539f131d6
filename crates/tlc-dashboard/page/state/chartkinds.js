/** The kinds of charts: which columns each is of, and those of its kind that a view's own defaults make sense of. */
import { computed } from '@preact/signals';
import { isBookkeeping } from './answer.js';
import { columnOf, defaults, viewNow } from './view.js';

/**
 * @typedef {{kind: 'points', x: string, y: string, color: string | null, size?: string | null}} PointsChart
 * @typedef {{kind: 'points3', x: string, y: string, z: string, color: string | null, size?: string | null}} Points3Chart
 * @typedef {{kind: 'confusion', given: string, predicted: string, isAll?: boolean}} ConfusionChart
 * @typedef {{kind: 'histogram', column: string, isRoot?: boolean}} HistogramSpec
 * @typedef {{kind: 'groups', by: string, of: string | null}} GroupsChart
 * @typedef {{kind: 'boxes', by: string, of: string, order?: import('../charts/boxes.js').Order}} BoxesChart
 * @typedef {{kind: 'history'}} HistoryChart
 * @typedef {{kind: 'change', of: string, before: string, after: string}} ChangeChart
 * @typedef {PointsChart | Points3Chart | ConfusionChart | HistogramSpec | GroupsChart | BoxesChart | HistoryChart | ChangeChart} ChartSpec
 * @typedef {ChartSpec['kind']} Kind
 */

/** @typedef {{label: string | undefined, predicted: string | undefined, measures: string[], points: [string, string][]}} Found what of a view charts are made of; `measures`: what tells most first */

/** @type {{[K in Kind]: {columns: (chart: any) => (string | null)[], some: (found: Found) => ChartSpec[]}}} what a chart is of, and such charts, those that tell most first */
const KINDS = {
  points: {
    columns: ({ x, y }) => [x, y],
    some({ points, label, measures: [measure, x] }) {
      const pairs = [...points, ...(x ? [[x, measure]] : [])];
      return pairs.map(([a, b]) => ({ kind: 'points', x: a, y: b, color: label ?? measure ?? null }));
    },
  },
  points3: {
    columns: ({ x, y, z }) => [x, y, z],
    some({ label, measures }) {
      const all = [...triples.value, ...(measures.length > 2 ? [measures] : [])];
      return all.map(([x, y, z]) => ({ kind: 'points3', x, y, z, color: label ?? measures[0] ?? null }));
    },
  },
  confusion: {
    columns: ({ given, predicted }) => [given, predicted],
    some: ({ label, predicted }) => (label && predicted ? [{ kind: 'confusion', given: label, predicted }] : []),
  },
  histogram: {
    columns: ({ column }) => [column],
    some: ({ measures }) => measures.map((column) => ({ kind: 'histogram', column })),
  },
  groups: {
    columns: ({ by, of }) => [by, of],
    some: ({ label, measures }) => (label ? [...measures, null].map((of) => ({ kind: 'groups', by: label, of })) : []),
  },
  boxes: {
    columns: ({ by, of }) => [by, of],
    some: ({ label, measures }) => (label ? measures.map((of) => ({ kind: 'boxes', by: label, of })) : []),
  },
  change: {
    columns: ({ of }) => [of, 'run', 'table_row'],
    some({ measures }) {
      const [after, before] = viewNow.value?.runs ?? [];
      if (!before || !columnOf('table_row')) return [];
      return measures.map((of) => ({ kind: 'change', of, before: before.id, after: after.id }));
    },
  },
  history: {
    columns: () => [],
    some: () => (viewNow.value?.runs.length ? [{ kind: 'history' }] : []),
  },
};

/** @param {unknown} kind @returns {kind is Kind} */
export const isKind = (kind) => typeof kind === 'string' && Object.hasOwn(KINDS, kind);

/** @param {ChartSpec} chart */
const columnsOf = (chart) => KINDS[chart.kind].columns(chart);

/** @param {ChartSpec} chart @returns {boolean} whether the view has its columns */
export const fits = (chart) => columnsOf(chart).every((name) => name === null || columnOf(name) !== undefined);

/** @param {Kind} kind @param {ChartSpec[]} [drawn] @returns {ChartSpec | null} a chart of this kind, of what there is, and if possible not of what is drawn already */
export function chartOf(kind, drawn = []) {
  const same = (/** @type {ChartSpec} */ chart) =>
    drawn.some((each) => each.kind === kind && String(columnsOf(each)) === String(columnsOf(chart)));
  const some = KINDS[kind].some(found());
  return some.find((chart) => !same(chart)) ?? some[0] ?? null;
}

/** Places in three dimensions: `name.x`, `name.y` and `name.z`. */
export const triples = computed(() => {
  const names = new Set((viewNow.value?.columns ?? []).map((column) => column.name));
  return [...names]
    .filter((name) => name.endsWith('.x'))
    .map((name) => ['x', 'y', 'z'].map((axis) => `${name.slice(0, -1)}${axis}`))
    .filter((axes) => axes.every((name) => names.has(name)));
});

/** @returns {Found} */
function found() {
  const { points, label, predicted, loss, confidence } = defaults.value;
  const columns = (viewNow.value?.columns ?? []).filter((column) => column.visible && !isBookkeeping(column) && !column.shows);
  const classes = columns.filter((column) => column.kind === 'class').map((column) => column.name);
  const metrics = columns
    .filter((column) => column.kind === 'number' && column.role !== 'axis')
    .toSorted((a, b) => Number(a.is_of_table) - Number(b.is_of_table))
    .map((column) => column.name);
  return {
    label: label ?? classes[0],
    predicted: predicted ?? classes.find((name) => name !== (label ?? classes[0])),
    measures: [...new Set([loss, confidence, ...metrics])].filter((name) => typeof name === 'string'),
    points,
  };
}
