/** The kinds of charts: which columns each is of, and the first of its kind that a view's own defaults make sense of. */
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

/** @typedef {{label: string | undefined, predicted: string | undefined, measure: string | undefined, metrics: string[], points: [string, string][]}} Found what of a view charts are made of */

/** @type {{[K in Kind]: {columns: (chart: any) => string[], first: (found: Found) => ChartSpec | null}}} */
const KINDS = {
  points: {
    columns: ({ x, y }) => [x, y],
    first({ points, label, measure, metrics }) {
      const [x, y] = points[0] ?? [defaults.value.confidence ?? metrics.find((name) => name !== measure), measure];
      return x && y ? { kind: 'points', x, y, color: label ?? measure ?? null } : null;
    },
  },
  points3: {
    columns: ({ x, y, z }) => [x, y, z],
    first({ label, measure, metrics }) {
      const [x, y, z] = triples.value[0] ?? [...new Set([defaults.value.confidence, ...metrics, measure])].filter(Boolean);
      return x && y && z ? { kind: 'points3', x, y, z, color: label ?? measure ?? null } : null;
    },
  },
  confusion: {
    columns: ({ given, predicted }) => [given, predicted],
    first: ({ label, predicted }) => (label && predicted ? { kind: 'confusion', given: label, predicted } : null),
  },
  histogram: {
    columns: ({ column }) => [column],
    first: ({ measure }) => (measure ? { kind: 'histogram', column: measure } : null),
  },
  groups: {
    columns: ({ by }) => [by],
    first: ({ label, measure }) => (label ? { kind: 'groups', by: label, of: measure ?? null } : null),
  },
  boxes: {
    columns: ({ by, of }) => [by, of],
    first: ({ label, measure }) => (label && measure ? { kind: 'boxes', by: label, of: measure } : null),
  },
  change: {
    columns: ({ of }) => [of, 'run', 'table_row'],
    first({ measure }) {
      const [after, before] = viewNow.value?.runs ?? [];
      return before && measure && columnOf('table_row') ? { kind: 'change', of: measure, before: before.id, after: after.id } : null;
    },
  },
  history: {
    columns: () => [],
    first: () => (viewNow.value?.runs.length ? { kind: 'history' } : null),
  },
};

/** @param {unknown} kind @returns {kind is Kind} */
export const isKind = (kind) => typeof kind === 'string' && Object.hasOwn(KINDS, kind);

/** @param {ChartSpec} chart @returns {boolean} whether the view has its columns */
export const fits = (chart) => KINDS[chart.kind].columns(chart).every((name) => columnOf(name) !== undefined);

/** @param {Kind} kind @returns {ChartSpec | null} a chart of this kind, of what there is */
export const chartOf = (kind) => KINDS[kind].first(found());

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
  const { points, label, predicted, loss } = defaults.value;
  const columns = (viewNow.value?.columns ?? []).filter((column) => column.visible && !isBookkeeping(column) && !column.shows);
  const classes = columns.filter((column) => column.kind === 'class').map((column) => column.name);
  const metrics = columns
    .filter((column) => column.kind === 'number' && column.role !== 'axis')
    .toSorted((a, b) => Number(a.is_of_table) - Number(b.is_of_table))
    .map((column) => column.name);
  return {
    label: label ?? classes[0],
    predicted: predicted ?? classes.find((name) => name !== (label ?? classes[0])),
    measure: loss ?? metrics[0],
    metrics,
    points,
  };
}
