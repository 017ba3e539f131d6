/** Bars by class: how many rows, or the mean of a number with its spread. */
import { count, digits } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { GroupLines, fitting, nameOf } from './grouplines.js';

/** @typedef {import('./grouplines.js').Group} Group */
/** @typedef {import('../state/types.js').Cell} Cell */

/**
 * @param {object} props
 * @param {import('../state/types.js').Groups} props.groups
 * @param {boolean} props.isCount
 * @param {ReadonlySet<Cell> | null} props.chosen
 * @param {(key: Cell) => void} props.onChoose
 */
export function GroupBars({ groups, isCount, chosen, onChoose }) {
  const value = (/** @type {Group} */ group) => (isCount ? group.rows : (group.statistics?.mean ?? null));
  const sorted = groups.groups.toSorted((a, b) => Number(value(b) ?? -Infinity) - Number(value(a) ?? -Infinity));
  const most = Math.max(
    1e-12,
    ...sorted.map((group) => Math.abs(value(group) ?? 0)),
    ...(isCount ? [] : sorted.map((group) => group.statistics?.quantiles?.p75 ?? 0)),
  );
  const part = (/** @type {number | null | undefined} */ each) => `${Math.min(100, (Math.abs(each ?? 0) / most) * 100)}%`;
  const spread = (/** @type {Group} */ { statistics }) =>
    statistics?.quantiles &&
    html`<i class="spread" style=${{ left: part(statistics.quantiles.p25), width: `calc(${part(statistics.quantiles.p75)} - ${part(statistics.quantiles.p25)})` }} />`;
  const mean = (/** @type {Group} */ group) => (value(group) === null ? '—' : digits(Number(value(group))));
  const says = (/** @type {Group} */ group) =>
    `${nameOf(group)}: ${count(group.rows)} rows${isCount ? '' : `, mean ${value(group)}, half of them ${digits(group.statistics?.quantiles?.p25 ?? NaN)} to ${digits(group.statistics?.quantiles?.p75 ?? NaN)}`}`;
  return html`<${GroupLines} groups=${sorted} chosen=${chosen} label=${isCount ? 'rows of each group' : `mean of ${groups.of} of each group`}
    columns=${isCount ? ['rows'] : ['mean', 'rows']} numbers=${(/** @type {Group} */ group) => (isCount ? [fitting(group.rows)] : [mean(group), fitting(group.rows)])}
    draw=${(/** @type {Group} */ group) => html`<i style=${{ width: part(value(group)) }} />${!isCount && spread(group)}`}
    says=${says} onChoose=${onChoose} />`;
}
