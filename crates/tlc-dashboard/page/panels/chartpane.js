/** The charts over the rows, and what each of them draws. */
import { areShown, chartOf, charts, setChart } from '../state/charts.js';
import { viewNow } from '../state/view.js';
import { Menu, Pick, closeMenu } from '../widgets/basics.js';
import { html } from '../widgets/html.js';
import { ConfusionChart } from './confusion.js';
import { GroupsPane, HistogramPane } from './counts.js';
import { Scatter } from './scatter.js';

const KINDS = /** @type {const} */ ([
  ['points', 'Points'],
  ['confusion', 'Confusion'],
  ['histogram', 'Histogram'],
  ['groups', 'By class'],
]);

export function ChartPane() {
  if (!areShown.value) return null;
  return html`<section class="chartpane" aria-label="charts">${charts.value.map((chart, place) => html`<${One} key=${place} chart=${chart} place=${place} />`)}</section>`;
}

/** @param {{chart: import('../state/charts.js').ChartSpec, place: number}} props */
function One({ chart, place }) {
  const set = (/** @type {import('../state/charts.js').ChartSpec} */ next) => setChart(place, next);
  switch (chart.kind) {
    case 'points':
      return html`<${Scatter} chart=${chart} onChange=${set} kinds=${html`<${Kinds} kind=${chart.kind} onChange=${set} />`} />`;
    case 'confusion':
      return html`<${ConfusionChart} chart=${chart} onChange=${set} kinds=${html`<${Kinds} kind=${chart.kind} onChange=${set} />`} />`;
    case 'histogram':
      return html`<${HistogramPane} chart=${chart} onChange=${set} kinds=${html`<${Kinds} kind=${chart.kind} onChange=${set} />`} />`;
    default:
      return html`<${GroupsPane} chart=${chart} onChange=${set} kinds=${html`<${Kinds} kind=${chart.kind} onChange=${set} />`} />`;
  }
}

/** @param {{kind: string, onChange: (next: import('../state/charts.js').ChartSpec) => void}} props */
function Kinds({ kind, onChange }) {
  const name = KINDS.find((each) => each[0] === kind)?.[1];
  return html`<${Menu} name=${html`<b>${name}</b> <i class="down" />`} label="another chart" buttonClass="title">${KINDS.map(
    ([each, title]) => {
      const next = chartOf(each);
      return (
        next &&
        html`<button type="button" key=${each} class=${each === kind ? 'is-on' : ''} onClick=${(/** @type {Event} */ event) => {
          closeMenu(event);
          onChange(next);
        }}>${title}</button>`
      );
    },
  )}<//>`;
}

/** @param {{label: string, value: string | null, kinds: string[], onChoose: (name: string) => void, none?: string}} props a column of these kinds */
export function ColumnPick({ label, value, kinds, onChoose, none }) {
  const names = (viewNow.value?.columns ?? [])
    .filter((column) => kinds.includes(column.kind) && !column.shows)
    .map((column) => column.name);
  return html`<${Pick} label=${label} value=${value ?? ''} choices=${[...(none ? [['', none]] : []), ...names.map((name) => [name, name])]}
    onChoose=${onChoose} />`;
}
