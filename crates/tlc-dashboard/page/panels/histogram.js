/** A column as a large histogram. */
import { HistogramChart } from '../charts/histogram.js';
import { asked } from '../state/answer.js';
import { columnOf, filterOn, replaceFilter, sentFilters } from '../state/view.js';
import { count, digits } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ColumnPick, Pane } from './pane.js';

const BINS = 100;

/** @param {{chart: import('../state/chartkinds.js').HistogramSpec, onChange: (next: import('../state/chartkinds.js').HistogramSpec) => void, frame: import('./pane.js').Frame}} props */
export function HistogramPane({ chart, onChange, frame }) {
  const { column, isRoot } = chart;
  const question = useLoaded(
    () =>
      asked(() => (columnOf(column) ? { filters: sentFilters.value, histograms: [{ column, bins: BINS }], statistics: [column] } : null)),
    [column],
  );
  const { value, error } = question.value;
  const histogram = value?.histograms?.[0];
  const statistics = value?.statistics?.[0];
  const range = /** @type {import('../state/types.js').RangeFilter | undefined} */ (filterOn(['range'], column));
  const onRange = (/** @type {{min?: number, max?: number} | null} */ next, /** @type {boolean} */ isFirst) =>
    replaceFilter(['range'], column, next && { type: 'range', column, ...next }, { step: isFirst });
  const said = (/** @type {number | null | undefined} */ each) => (each === null || each === undefined ? '—' : digits(each));
  const tools = html`<${ColumnPick} label="of" value=${column} kinds=${['number']}
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, column: name })} />
    <label class="row" title="heights by square root, so that few rows are seen beside many"><input type="checkbox" checked=${isRoot === true}
      aria-label="heights by square root" onChange=${() => onChange({ ...chart, isRoot: !isRoot })} /> √</label>`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${value && `${count(value.count)} of ${count(value.rows)}`} error=${error}>
    ${
      histogram &&
      histogram.edges.length > 0 &&
      html`<div class="large"><${HistogramChart} histogram=${histogram} range=${range ?? null} onRange=${onRange} isRoot=${isRoot === true}
        label=${`histogram of ${column}`} /></div>
      <div class="row dim between"><span>${digits(histogram.edges[0])}</span>
        <span>${digits(histogram.edges[histogram.edges.length - 1])}</span></div>`
    }
    ${statistics && html`<div class="row dim statistics"><span>mean <b>${said(statistics.mean)}</b></span>
      <span>median <b>${said(statistics.quantiles.median)}</b></span><span>5 % <b>${said(statistics.quantiles.p05)}</b></span>
      <span>95 % <b>${said(statistics.quantiles.p95)}</b></span></div>`}<//>`;
}
