/** Which charts are drawn beside the rows; at first those that the view's own defaults make sense of. */
import { computed } from '@preact/signals';
import { chartOf, fits, isKind } from './chartkinds.js';
import { panes } from './panes.js';
import { say } from './toast.js';
import { param, setParams } from './url.js';
import { defaults, viewNow } from './view.js';

/** @typedef {import('./chartkinds.js').ChartSpec} ChartSpec */
/** @typedef {import('./chartkinds.js').Kind} Kind */

const AT_FIRST = 2;

const text = param('c');

/** @type {import('@preact/signals').ReadonlySignal<ChartSpec[]>} */
export const charts = computed(() => {
  if (!viewNow.value) return [];
  const own = parse(text.value);
  return own.length ? own.filter(fits) : atFirst();
});

export const areShown = computed(() => panes.charts.isShown.value && charts.value.length > 0);

/** @param {ChartSpec[]} next without any, the charts are folded away, and come back as at first */
function setCharts(next) {
  if (next.length) return setParams({ c: JSON.stringify(next) });
  setParams({ c: null, charts: 'off' });
  return say('Without charts there is more room for rows; the key c brings them back.');
}

/** @param {number} place @param {ChartSpec} next */
export const setChart = (place, next) => setCharts(charts.peek().with(place, next));

/** @param {ChartSpec} chart */
export const addChart = (chart) => setCharts([...charts.peek(), chart]);

/** @param {number} place */
export const removeChart = (place) => setCharts(charts.peek().toSpliced(place, 1));

/** @returns {ChartSpec[]} */
function atFirst() {
  const { points, label, predicted } = defaults.value;
  const kinds = /** @type {Kind[]} */ ([
    'change',
    ...(points.length ? ['points'] : []),
    ...(label && predicted ? ['confusion'] : []),
    'histogram',
    ...(label ? ['groups', 'points'] : ['points', 'groups']),
  ]);
  return [...new Set(kinds)]
    .map((kind) => chartOf(kind))
    .filter((each) => each !== null)
    .slice(0, AT_FIRST);
}

/** @param {string | null} value @returns {ChartSpec[]} */
function parse(value) {
  try {
    const list = JSON.parse(value ?? '[]');
    return Array.isArray(list) ? list.filter((each) => isKind(each?.kind)) : [];
  } catch {
    return [];
  }
}
