/** Which charts are drawn beside the rows; at first those that the view's own defaults make sense of. */
import { computed } from '@preact/signals';
import { isBookkeeping } from './answer.js';
import { param, paramNow, setParams } from './url.js';
import { columnOf, defaults, viewNow } from './view.js';

/**
 * @typedef {{kind: 'points', x: string, y: string, color: string | null}} PointsChart
 * @typedef {{kind: 'confusion', given: string, predicted: string}} ConfusionChart
 * @typedef {{kind: 'histogram', column: string, isRoot?: boolean}} HistogramSpec
 * @typedef {{kind: 'groups', by: string, of: string | null}} GroupsChart
 * @typedef {PointsChart | ConfusionChart | HistogramSpec | GroupsChart} ChartSpec
 */

const text = param('c');
const hidden = param('charts');

export const areShown = computed(() => hidden.value !== 'off' && charts.value.length > 0);
export const toggleCharts = () => setParams({ charts: paramNow('charts') === 'off' ? null : 'off' });

/** @type {import('@preact/signals').ReadonlySignal<ChartSpec[]>} */
export const charts = computed(() => {
  const own = parse(text.value);
  return own.length ? own.filter(fits) : atFirst();
});

/** @param {number} place @param {ChartSpec} next */
export const setChart = (place, next) => setParams({ c: JSON.stringify(charts.peek().map((each, at) => (at === place ? next : each))) });

/** @param {ChartSpec['kind']} kind @returns {ChartSpec | null} a chart of this kind, of what there is */
export function chartOf(kind) {
  const { points, label, predicted, loss, confidence } = defaults.value;
  const columns = (viewNow.value?.columns ?? []).filter((column) => column.visible && !isBookkeeping(column) && !column.shows);
  const classes = columns.filter((column) => column.kind === 'class').map((column) => column.name);
  const numbers = columns.filter((column) => column.kind === 'number').map((column) => column.name);
  const metrics = numbers
    .filter((name) => columnOf(name)?.role !== 'axis')
    .toSorted((a, b) => Number(columnOf(a)?.is_of_table) - Number(columnOf(b)?.is_of_table));
  const measure = loss ?? metrics[0] ?? null;
  switch (kind) {
    case 'points': {
      const [x, y] = points[0] ?? [confidence ?? metrics.find((name) => name !== measure), measure];
      return x && y ? { kind, x, y, color: label ?? classes[0] ?? measure } : null;
    }
    case 'confusion': {
      const [given, other] = [label ?? classes[0], predicted ?? classes.find((name) => name !== label)];
      return given && other ? { kind, given, predicted: other } : null;
    }
    case 'histogram':
      return measure ? { kind, column: measure } : null;
    default: {
      const by = label ?? classes[0];
      return by ? { kind: 'groups', by, of: measure } : null;
    }
  }
}

/** @returns {ChartSpec[]} */
function atFirst() {
  const { points, label, predicted } = defaults.value;
  const kinds = /** @type {ChartSpec['kind'][]} */ ([
    ...(points.length ? ['points'] : []),
    ...(label && predicted ? ['confusion'] : []),
    'histogram',
    ...(label ? ['groups', 'points'] : ['points', 'groups']),
  ]);
  const found = [...new Set(kinds)].map(chartOf).filter((each) => each !== null);
  return found.slice(0, 2);
}

/** @param {ChartSpec} chart @returns {boolean} whether the view has its columns */
function fits(chart) {
  const names =
    chart.kind === 'points'
      ? [chart.x, chart.y]
      : chart.kind === 'confusion'
        ? [chart.given, chart.predicted]
        : chart.kind === 'histogram'
          ? [chart.column]
          : [chart.by];
  return names.every((name) => columnOf(name) !== undefined);
}

/** @param {string | null} value @returns {ChartSpec[]} */
function parse(value) {
  try {
    const list = JSON.parse(value ?? '[]');
    return Array.isArray(list) ? list.filter((each) => each && ['points', 'confusion', 'histogram', 'groups'].includes(each.kind)) : [];
  } catch {
    return [];
  }
}
