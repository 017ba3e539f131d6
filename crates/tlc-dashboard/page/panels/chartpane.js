/** The charts over the rows: which there are, and in how many lines they stand. */
import { chartOf } from '../state/chartkinds.js';
import { addChart, areShown, charts, removeChart, setChart } from '../state/charts.js';
import { Menu, closeMenu } from '../widgets/basics.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ChangePane } from './change.js';
import { ConfusionChart } from './confusion.js';
import { BoxesPane, GroupsPane } from './groups.js';
import { HistogramPane } from './histogram.js';
import { HistoryPane } from './history.js';
import { LayoutChoices, LayoutWork } from './layouts.js';
import { Scatter } from './scatter.js';
import { Scatter3 } from './scatter3.js';

/** @typedef {import('../state/chartkinds.js').ChartSpec} ChartSpec */
/** @typedef {import('../state/chartkinds.js').Kind} Kind */

/** @type {{kind: Kind, title: string, says: string, panel: (props: any) => any}[]} */
const KINDS = [
  { kind: 'points', title: 'Points', says: 'two numbers of each row; a lasso filters', panel: Scatter },
  { kind: 'points3', title: 'Points in 3D', says: 'three numbers of each row, from all sides', panel: Scatter3 },
  { kind: 'confusion', title: 'Confusion', says: 'one class against another', panel: ConfusionChart },
  { kind: 'histogram', title: 'Histogram', says: 'how often each value is', panel: HistogramPane },
  { kind: 'groups', title: 'By class', says: 'rows of each class, or the mean of a number', panel: GroupsPane },
  { kind: 'boxes', title: 'Boxes', says: 'where a number is in each class, the worst first', panel: BoxesPane },
  { kind: 'history', title: 'One sample', says: 'its metrics over the epochs', panel: HistoryPane },
  { kind: 'change', title: 'Two runs', says: 'a number before against after, sample by sample', panel: ChangePane },
];

const LEAST_WIDTH = 340;

export const ChartPane = () => html`<${LayoutWork} />${areShown.value && html`<${Lines} />`}`;

function Lines() {
  const [ref, size] = useSize();
  const all = charts.value;
  const { columns, span } = grid(all.length, size.width);
  const add = (/** @type {ChartSpec} */ chart) => {
    addChart(chart);
    requestAnimationFrame(() => ref.current?.lastElementChild?.scrollIntoView({ block: 'nearest' }));
  };
  return html`<section ref=${ref} class="chartpane" aria-label="charts" style=${{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, '--span': span }}>
    ${all.map((chart, place) => html`<${One} key=${keyOf(all, place)} chart=${chart} place=${place} onAdd=${place === all.length - 1 ? add : null} />`)}
  </section>`;
}

/** @param {number} count @param {number} width @returns {{columns: number, span: number}} as few lines as there is room for, as even as they can be, the last chart over what is left of its line */
function grid(count, width) {
  const most = Math.max(1, Math.floor((width || 2 * LEAST_WIDTH) / LEAST_WIDTH));
  const columns = Math.ceil(count / Math.ceil(count / most));
  return { columns, span: columns - ((count - 1) % columns) };
}

/** @param {ChartSpec[]} all @param {number} place @returns {string} which of its kind it is: what a chart keeps to itself stays with it when others come and go */
const keyOf = (all, place) => `${all[place].kind} ${all.slice(0, place).filter((each) => each.kind === all[place].kind).length}`;

/** @param {{chart: ChartSpec, place: number, onAdd: ((next: ChartSpec) => void) | null}} props the last chart has what adds another */
function One({ chart, place, onAdd }) {
  const of = /** @type {typeof KINDS[number]} */ (KINDS.find((each) => each.kind === chart.kind));
  const set = (/** @type {ChartSpec} */ next) => setChart(place, next);
  const frame = {
    head: html`<${Kinds} name=${html`<b>${of.title}</b> <i class="down" />`} label="draw something else here" buttonClass="title"
      now=${chart.kind} onChoose=${set} />`,
    end: html`<span class="ends"><button type="button" class="quiet icon" title="take this chart away" aria-label=${`take the chart away: ${of.title}`}
        onClick=${() => removeChart(place)}>×</button>
      ${onAdd && html`<${Kinds} name=${html`<span aria-hidden="true">+</span><span class="unseen">add a chart</span>`} label="add a chart" buttonClass="quiet icon" align="right" onChoose=${onAdd} />`}</span>`,
  };
  return html`<${of.panel} chart=${chart} onChange=${set} frame=${frame} />`;
}

/** @param {{name: any, label: string, buttonClass: string, align?: 'right', now?: Kind, onChoose: (next: ChartSpec) => void}} props the kinds that the view has columns for */
const Kinds = ({ name, label, buttonClass, align, now, onChoose }) => html`<${Menu} name=${name} label=${label}
  buttonClass=${buttonClass} align=${align}>${KINDS.map(({ kind, title, says }) => {
    const next = chartOf(kind, charts.value);
    return (
      next &&
      html`<button type="button" key=${kind} class=${kind === now ? 'is-on' : ''} onClick=${(/** @type {Event} */ event) => {
        closeMenu(event);
        onChoose(next);
      }}><span class="grow">${title}</span><span class="dim">${says}</span></button>`
    );
  })}<${LayoutChoices} /><//>`;
