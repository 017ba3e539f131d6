/** Bars by class: how many rows, or the mean of a number with its spread. */
import { count, digits } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/**
 * @param {object} props
 * @param {import('../state/types.js').Groups} props.groups
 * @param {boolean} props.isCount
 * @param {(key: import('../state/types.js').Cell) => void} props.onChoose
 */
export function GroupBars({ groups, isCount, onChoose }) {
  const value = (/** @type {import('../state/types.js').Groups['groups'][number]} */ group) =>
    isCount ? group.rows : (group.statistics?.mean ?? null);
  const sorted = groups.groups.toSorted((a, b) => Number(value(b) ?? -Infinity) - Number(value(a) ?? -Infinity));
  const most = Math.max(
    1e-12,
    ...sorted.map((group) => Math.abs(value(group) ?? 0)),
    ...(isCount ? [] : sorted.map((group) => group.statistics?.quantiles?.p75 ?? 0)),
  );
  const part = (/** @type {number | null | undefined} */ each) => `${Math.min(100, (Math.abs(each ?? 0) / most) * 100)}%`;
  return html`<div class="groups">${sorted.map(
    (
      group,
    ) => html`<button type="button" key=${String(group.key)} onClick=${() => onChoose(group.key)}
      title=${`${group.name ?? group.key}: ${count(group.rows)} rows${isCount ? '' : `, mean ${value(group)}, half of them ${digits(group.statistics?.quantiles?.p25 ?? NaN)} to ${digits(group.statistics?.quantiles?.p75 ?? NaN)}`}`}>
    <span class="name">${group.name ?? String(group.key)}</span>
    <span class="track"><i style=${{ width: part(value(group)) }} />${!isCount && group.statistics?.quantiles && html`<i class="spread"
      style=${{ left: part(group.statistics.quantiles.p25), width: `calc(${part(group.statistics.quantiles.p75)} - ${part(group.statistics.quantiles.p25)})` }} />`}</span>
    <span class="number">${value(group) === null ? '—' : isCount ? count(group.rows) : digits(Number(value(group)))}</span>
    <span class="number dim">${isCount ? '' : count(group.rows)}</span>
  </button>`,
  )}</div>`;
}
