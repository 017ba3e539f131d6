/** A number before against after: each point a sample that two runs have. */
import { useMemo } from 'preact/hooks';
import { css, rgb } from '../charts/colors.js';
import { isMatching } from '../charts/pointbytes.js';
import { Points } from '../charts/points.js';
import { VERDICTS, changes } from '../state/changes.js';
import { matchingBits } from '../state/columns.js';
import { hovered, openRow, selected } from '../state/selection.js';
import { isDark } from '../state/theme.js';
import { setParams } from '../state/url.js';
import { columnOf, viewNow } from '../state/view.js';
import { Empty, Pick } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { hover, press } from './cloud.js';
import { ColumnPick, Pane } from './pane.js';

/** @typedef {import('../state/chartkinds.js').ChangeChart} ChangeChart */
/** @typedef {import('../state/changes.js').Changes} Changes */

/** Names, colours, and the shapes of those that one looks for. @type {Record<import('../state/types.js').Verdict, [string, string, number]>} */
const LOOKS = {
  newly_wrong: ['newly wrong', '--wrong', 2],
  newly_right: ['newly right', '--good', 3],
  stays_wrong: ['stays wrong', '--warn', 0],
  stays_right: ['stays right', '--bar', 0],
  grew: ['grew', '--wrong', 2],
  fell: ['fell', '--good', 3],
  unchanged: ['unchanged', '--bar', 0],
  unknown: ['unknown', '--accent', 0],
};

/** @param {{chart: ChangeChart, onChange: (next: ChangeChart) => void, frame: import('./pane.js').Frame}} props */
export function ChangePane({ chart, onChange, frame }) {
  const { of, before, after } = chart;
  const runs = viewNow.value?.runs ?? [];
  const question = useLoaded(() => changes(() => (columnOf(of) ? { of, before, after } : null)), [of, before, after]);
  const { value, error } = question.value;
  const drawn = useDrawn(value);
  const nameOf = (/** @type {string} */ id) => runs.find((run) => run.id === id)?.name ?? '';
  const choices = /** @type {[string, string][]} */ (runs.map((run) => [run.id, run.name]));
  const tools = html`<${ColumnPick} label="of" value=${of} kinds=${['number']}
      onChoose=${(/** @type {string} */ name) => onChange({ ...chart, of: name })} />
    <${Pick} label="before" value=${before} choices=${choices}
      onChoose=${(/** @type {string} */ id) => onChange({ ...chart, before: id, after: id === after ? before : after })} />
    <${Pick} label="after" value=${after} choices=${choices}
      onChoose=${(/** @type {string} */ id) => onChange({ ...chart, after: id, before: id === before ? after : before })} />`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${drawn && (drawn.isFiltered ? `${count(drawn.matching)} of ${count(drawn.marks.length)}` : count(drawn.marks.length))} error=${error}>
    ${value?.rows.length === 0 && html`<${Apart} />`}
    ${
      value &&
      drawn &&
      value.rows.length > 0 &&
      html`<div class="fill"><${Points} drawn=${drawn} tool="pan" ringed=${ringedPairs(value)} lasso=${null} isSame
        names=${[`${of} ${nameOf(before)}`, `${of} ${nameOf(after)}`]}
        label=${`${of} of ${count(value.rows.length)} samples in ${nameOf(before)} and in ${nameOf(after)}: ${said(value)}`}
        onLasso=${() => {}} onHover=${(/** @type {number | null} */ pair, /** @type {number} */ x, /** @type {number} */ y) => hover(pair === null ? null : value.rows[pair], x, y)}
        onClick=${(/** @type {number | null} */ pair, /** @type {boolean} */ isAdding) => press(pair === null ? null : value.rows[pair], isAdding)} />
      <${Legend} value=${value} /></div>`
    }<//>`;
}

/** @param {{value: Changes}} props */
const Legend = ({ value }) => html`<div class="scale dim">${VERDICTS.toReversed().map((verdict, at) => {
  const many = value.counts[VERDICTS.length - 1 - at];
  const [name, color] = LOOKS[verdict];
  return many > 0 && html`<span key=${verdict}><b class="swatch" style=${{ background: `var(${color})` }} /> ${name} ${count(many)}</span>`;
})}</div>`;

/** @param {Changes} value */
const said = (value) =>
  VERDICTS.map((verdict, at) => value.counts[at] > 0 && `${count(value.counts[at])} ${LOOKS[verdict][0]}`)
    .filter(Boolean)
    .join(', ');

/** No sample of one run is one of the other: their tables are others, though they may be revisions of one. */
function Apart() {
  const tables = viewNow.value?.tables ?? [];
  return html`<${Empty} title="No sample is in both">These runs saw other tables. Where those are revisions of one, both runs can be laid beside the same:
    <p>${tables.map((table) => html`<button type="button" key=${table.id} onClick=${() => setParams({ tables: table.id }, { step: true })}>${table.dataset} <span
      class="dim">${table.name}</span></button> `)}</p><//>`;
}

/** @param {Changes | null} value @returns {import('../charts/pointcanvas.js').Drawn | null} */
function useDrawn(value) {
  const bits = matchingBits.value;
  const isFiltered = bits !== null;
  const colors = useMemo(() => {
    const palette = VERDICTS.map((verdict) => rgb(css(LOOKS[verdict][1])));
    return value && Uint8Array.from({ length: value.rows.length * 4 }, (_, at) => (at % 4 === 3 ? 255 : palette[value.verdicts[at >> 2]][at % 4]));
  }, [value, isDark.value]);
  const marks = useMemo(
    () =>
      value &&
      Uint8Array.from(
        value.rows,
        (row, pair) => (selected.value.has(row) ? 3 : Number(isMatching(bits, row))) | (LOOKS[VERDICTS[value.verdicts[pair]]][2] << 2),
      ),
    [value, bits, selected.value],
  );
  const match = useMemo(() => marks?.reduce((sum, each) => sum + (each & 1), 0) ?? 0, [marks]);
  const chosen = selected.value.size;
  return useMemo(
    () => (value && colors && marks ? { places: value.places, colors, marks, sizes: null, isFiltered, matching: match, chosen } : null),
    [value, colors, marks, isFiltered, match, chosen],
  );
}

/** @param {Changes} value @returns {number[]} pairs of the rows that are open or pointed at */
const ringedPairs = (value) =>
  [openRow.value, hovered.value?.row ?? null]
    .map((row) => (row === null ? -1 : (value.pairOf[row] ?? -1)))
    .filter((pair) => pair >= 0);
