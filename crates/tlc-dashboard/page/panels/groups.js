/** Rows by class, flag, run or epoch: bars of how many or of a mean, or boxes of where a number is. */
import { GroupBoxes } from '../charts/boxes.js';
import { GroupBars } from '../charts/groups.js';
import { asked } from '../state/answer.js';
import { BY_KEY, chosenOf, toggle } from '../state/chosen.js';
import { columnOf, defaults, isOn, sentFilters, viewNow } from '../state/view.js';
import { Pick } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ColumnPick, Pane } from './pane.js';

/** @typedef {import('../state/types.js').Cell} Cell */

/** @param {{chart: import('../state/chartkinds.js').GroupsChart, onChange: (next: import('../state/chartkinds.js').GroupsChart) => void, frame: import('./pane.js').Frame}} props */
export function GroupsPane({ chart, onChange, frame }) {
  const { by, of } = chart;
  const { groups, note, error } = useGroups(by, of);
  const tools = html`<${ByPick} value=${by} onChoose=${(/** @type {string} */ name) => onChange({ ...chart, by: name })} />
    <${ColumnPick} label="mean of" value=${of} kinds=${['number']} none="(rows)"
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, of: name || null })} />`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    ${groups && html`<${GroupBars} groups=${groups} isCount=${of === null} chosen=${chosenOf(by)} onChoose=${(/** @type {Cell} */ key) => toggle(by, key)} />`}<//>`;
}

/** @param {{chart: import('../state/chartkinds.js').BoxesChart, onChange: (next: import('../state/chartkinds.js').BoxesChart) => void, frame: import('./pane.js').Frame}} props */
export function BoxesPane({ chart, onChange, frame }) {
  const { by, of } = chart;
  const { groups, middle, note, error } = useGroups(by, of);
  // The worst first: a high loss, a low confidence.
  const order = chart.order ?? (of === defaults.value.confidence ? 'low' : 'high');
  const tools = html`<${ColumnPick} label="of" value=${of} kinds=${['number']}
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, of: name, order: undefined })} />
    <${ByPick} value=${by} onChoose=${(/** @type {string} */ name) => onChange({ ...chart, by: name })} />
    <${Pick} label="order" value=${order} choices=${[
      ['high', 'highest first'],
      ['low', 'lowest first'],
      ['class', 'as they are'],
    ]} onChoose=${(/** @type {import('../charts/boxes.js').Order} */ next) => onChange({ ...chart, order: next })} />`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    ${groups && html`<${GroupBoxes} groups=${groups} order=${order} middle=${middle} chosen=${chosenOf(by)}
      onChoose=${(/** @type {Cell} */ key) => toggle(by, key)} />`}<//>`;
}

/** @param {{value: string, onChoose: (name: string) => void}} props what rows can be told apart by: classes, flags, epochs */
const ByPick = ({ value, onChoose }) => html`<${ColumnPick} label="by" value=${value} kinds=${['class', 'flag']}
  more=${(viewNow.value?.columns ?? []).filter((column) => column.kind === 'number' && column.role === 'axis').map((column) => column.name)}
  onChoose=${onChoose} />`;

/**
 * Groups under all filters but those on the column that makes them, so that the others stay to compare with.
 *
 * @param {string} by @param {string | null} of
 */
function useGroups(by, of) {
  const isOfGroups = isOn(BY_KEY, by);
  const question = useLoaded(
    () =>
      asked(() =>
        columnOf(by) && (of === null || columnOf(of))
          ? { filters: sentFilters.value.filter((each) => !isOfGroups(each)), groups: [of ? { by, of } : { by }], statistics: of ? [of] : [] }
          : null,
      ),
    [by, of],
  );
  const { value, error } = question.value;
  const groups = value?.groups?.[0];
  const isMeant = groups?.by === by && (of === null || groups.of === of);
  return {
    groups: isMeant ? groups : null,
    middle: value?.statistics?.[0]?.quantiles.median ?? null,
    note: value && html`<span title="rows under all filters but those on what makes the groups">${count(value.count)}</span>`,
    error,
  };
}
