/** The confusion of two columns of classes, under all filters but those on these two. */
import { ConfusionMatrix, confusedBlock } from '../charts/confusion.js';
import { ConfusionHeat } from '../charts/heat.js';
import { asked } from '../state/answer.js';
import { columnOf, filterOn, filters, isOn, sentFilters, setFilters } from '../state/view.js';
import { Choice } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ColumnPick, Pane } from './pane.js';

/** More classes have no names that one could read. */
const MOST = 20;

/** @param {{chart: import('../state/chartkinds.js').ConfusionChart, onChange: (next: import('../state/chartkinds.js').ConfusionChart) => void, frame: import('./pane.js').Frame}} props */
export function ConfusionChart({ chart, onChange, frame }) {
  const { given, predicted } = chart;
  const question = useLoaded(
    () =>
      asked(() =>
        columnOf(given) && columnOf(predicted)
          ? { filters: others(sentFilters.value, given, predicted), confusion: [given, predicted] }
          : null,
      ),
    [given, predicted],
  );
  const { value, error } = question.value;
  const of = value?.confusion;
  const ids = (/** @type {string} */ column) => {
    const filter = filterOn(['classes'], column);
    return filter?.type === 'classes' ? filter.ids : [];
  };
  const chosen = { given: ids(given), predicted: ids(predicted) };
  const onChoose = (/** @type {number[]} */ a, /** @type {number[]} */ b) => {
    const isSame = String(a) === String(chosen.given) && String(b) === String(chosen.predicted);
    const rest = others(filters.peek(), given, predicted);
    const next = isSame
      ? []
      : [
          ...(a.length ? [/** @type {const} */ ({ type: 'classes', column: given, ids: a })] : []),
          ...(b.length ? [/** @type {const} */ ({ type: 'classes', column: predicted, ids: b })] : []),
        ];
    setFilters([...rest, ...next]);
  };
  const classes = Math.max(of?.classes.length ?? 0, of?.predicted.length ?? 0);
  const isMany = classes > MOST;
  const isAll = isMany && chart.isAll === true;
  const tools = html`<${ColumnPick} label="rows" value=${given} kinds=${['class']}
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, given: name })} />
    <${ColumnPick} label="columns" value=${predicted} kinds=${['class']}
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, predicted: name })} />
    ${isMany && html`<${Choice} label="how many classes are drawn" value=${isAll ? 'all' : 'block'} choices=${[
      ['block', html`<span title="those that are confused most">worst ${MOST}</span>`],
      ['all', `all ${count(classes)}`],
    ]} onChoose=${(/** @type {string} */ next) => onChange({ ...chart, isAll: next === 'all' })} />`}`;
  const note = html`<span title="rows under all filters but those on these two columns">${value ? count(value.count) : ''}</span>`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    ${of && isAll && html`<${ConfusionHeat} confusion=${of} chosen=${chosen} onChoose=${onChoose} />`}
    ${of && !isAll && html`<${ConfusionMatrix} confusion=${isMany ? confusedBlock(of, MOST) : of} rowTitle=${given} columnTitle=${predicted}
      chosen=${chosen} onChoose=${onChoose} />`}<//>`;
}

/** @param {import('../state/types.js').Filter[]} all @param {string} given @param {string} predicted */
const others = (all, given, predicted) => all.filter((each) => !isOn(['classes'], given)(each) && !isOn(['classes'], predicted)(each));
