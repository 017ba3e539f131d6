/** The points of two columns, coloured by a third. */
import { useMemo, useState } from 'preact/hooks';
import { classColor, rgb, viridis } from '../charts/colors.js';
import { Points } from '../charts/points.js';
import { matching } from '../state/answer.js';
import { cloud, mask } from '../state/columns.js';
import { hovered, openRow, openSample, selected, toggleSelected } from '../state/selection.js';
import { columnOf, defaults, filters, sentFilters, setFilters, viewNow } from '../state/view.js';
import { Choice, Menu, closeMenu } from '../widgets/basics.js';
import { count, digits, pairTitle } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ColumnPick, Pane } from './pane.js';

/** @typedef {import('../state/chartkinds.js').PointsChart} PointsChart */
/** @typedef {import('../state/types.js').LassoFilter} LassoFilter */

const HUES = 10;

/** @param {{chart: PointsChart, onChange: (next: PointsChart) => void, frame: import('./pane.js').Frame}} props */
export function Scatter({ chart, onChange, frame }) {
  const [tool, setTool] = useState(/** @type {'lasso' | 'pan'} */ ('lasso'));
  const { x, y, color } = chart;
  const points = useLoaded(
    () => cloud(() => (columnOf(x) && columnOf(y) ? { x, y, color: columnOf(color) ? color : null } : null)),
    [x, y, color],
  );
  const { value, error } = points.value;
  const column = columnOf(color);
  const classes = column?.classes ?? [];
  const colors = useMemo(() => (value ? colorsOf(value, classes) : new Uint8Array()), [value, classes]);
  const bits = mask.value.value;
  const isFiltered = sentFilters.value.length > 0;
  const marks = useMemo(
    () => (value ? marksOf(value, isFiltered ? bits : null, selected.value, classes.length) : new Uint8Array()),
    [value, bits, isFiltered, selected.value],
  );
  const lasso = /** @type {LassoFilter | undefined} */ (
    filters.value.find((each) => each.type === 'lasso' && each.x === x && each.y === y)
  );
  const onLasso = (/** @type {[number, number][]} */ polygon) =>
    setFilters([...filters.peek().filter((each) => each !== lasso), { type: 'lasso', x, y, polygon }]);
  const ringed = [openRow.value, hovered.value?.row].filter(
    (row) => row !== null && row !== undefined && value !== null && row < value.x.length,
  );
  const rows = viewNow.value?.rows ?? 0;
  const pairs = defaults.value.points;
  const places = pairs.some(([a, b]) => a === x && b === y) ? pairs : [[x, y], ...pairs];
  const tools = html`<${Menu} name=${html`<span class="cut"
        title=${`${x} × ${y}`}>${pairTitle(x, y)}</span> <i class="down" />`} label="which columns are drawn">
        ${places.map(
          ([a, b]) =>
            html`<button type="button" key=${`${a} ${b}`} class=${a === x && b === y ? 'is-on' : ''} onClick=${(
              /** @type {Event} */ event,
            ) => {
              closeMenu(event);
              onChange({ ...chart, x: a, y: b });
            }}>${pairTitle(a, b)}</button>`,
        )}
        <span class="item"><${ColumnPick} label="x" value=${x} kinds=${['number']}
          onChoose=${(/** @type {string} */ name) => onChange({ ...chart, x: name })} /></span>
        <span class="item"><${ColumnPick} label="y" value=${y} kinds=${['number']}
          onChoose=${(/** @type {string} */ name) => onChange({ ...chart, y: name })} /></span>
      <//>
    <${ColumnPick} label="colour" value=${color} kinds=${['class', 'number', 'flag']} none="none"
        onChoose=${(/** @type {string} */ name) => onChange({ ...chart, color: name || null })} />`;
  const note = isFiltered && matching.value !== null ? `${count(matching.value)} of ${count(rows)}` : count(rows);
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    <div class="fill">${
      value &&
      html`<${Points} x=${value.x} y=${value.y} colors=${colors} marks=${marks} isFiltered=${isFiltered}
        matching=${matching.value ?? rows} tool=${tool} ringed=${ringed} lasso=${lasso?.polygon ?? null}
        label=${`${count(rows)} points of ${x} and ${y}, coloured by ${color ?? 'nothing'}`} onLasso=${onLasso}
        onHover=${(/** @type {number | null} */ row, /** @type {number} */ px, /** @type {number} */ py) => {
          hovered.value = row === null ? null : { row, x: px, y: py };
        }}
        onClick=${(/** @type {number | null} */ row, /** @type {boolean} */ isAdding) => {
          if (row === null) return;
          if (isAdding) toggleSelected(row);
          else openSample(row);
        }} />`
    }
      <div class="corner"><${Choice} label="what dragging does" value=${tool} choices=${[
        ['lasso', 'lasso'],
        ['pan', 'pan'],
      ]} onChoose=${setTool} /></div>
      ${value?.color?.kind === 'number' && column?.kind === 'number' && html`<div class="scale dim">
        <span>${digits(value.color.least)}</span><i /><span>${digits(value.color.most)}</span></div>`}
    </div><//>`;
}

/** @param {import('../state/columns.js').Cloud} points @param {import('../state/types.js').Class[]} classes @returns {Uint8Array} */
function colorsOf({ x, color }, classes) {
  const out = new Uint8Array(x.length * 4);
  const put = (/** @type {number} */ row, /** @type {import('../charts/colors.js').Rgb} */ color3) => {
    out[row * 4] = color3[0];
    out[row * 4 + 1] = color3[1];
    out[row * 4 + 2] = color3[2];
    out[row * 4 + 3] = 255;
  };
  const none = rgb('#8a8f98');
  if (!color) {
    const one = rgb('#4477aa');
    for (let row = 0; row < x.length; row += 1) put(row, one);
  } else if (color.kind === 'class') {
    const palette = classes.map((each) => rgb(classColor(classes, each.id)));
    color.places.forEach((place, row) => put(row, palette[place] ?? none));
  } else {
    const span = color.most - color.least || 1;
    const steps = Array.from({ length: 256 }, (_, at) => viridis(at / 255));
    color.values.forEach((value, row) => put(row, Number.isFinite(value) ? steps[Math.round(((value - color.least) / span) * 255)] : none));
  }
  return out;
}

/**
 * @param {import('../state/columns.js').Cloud} points @param {Uint8Array | null} bits @param {ReadonlySet<number>} chosen @param {number} classes
 * @returns {Uint8Array} what `Points` wants to know of each row
 */
function marksOf({ x, color }, bits, chosen, classes) {
  const marks = new Uint8Array(x.length);
  const isShaped = color?.kind === 'class' && classes > HUES;
  for (let row = 0; row < x.length; row += 1) {
    const isMatching = bits === null || bits.length === 0 || (bits[row >> 3] & (1 << (row & 7))) !== 0;
    const shape = isShaped ? Math.floor(color.places[row] / HUES) % 4 : 0;
    marks[row] = (isMatching ? 1 : 0) | (shape << 2);
  }
  for (const row of chosen) if (row < marks.length) marks[row] |= 3;
  return marks;
}
