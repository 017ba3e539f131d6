/** What charts of points have in common: the columns they are drawn from, which rows are meant, what pointing at one does. */
import { useMemo } from 'preact/hooks';
import { colorBytes, countOf, markBytes, sizeBytes } from '../charts/pointbytes.js';
import { cloud, matchingBits } from '../state/columns.js';
import { hovered, openRow, openSample, selected, toggleSelected } from '../state/selection.js';
import { isDark } from '../state/theme.js';
import { columnOf, viewNow } from '../state/view.js';
import { closeMenu, Menu } from '../widgets/basics.js';
import { count, digits } from '../widgets/format.js';
import { useLoaded } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { ColumnPick } from './pane.js';

/** @typedef {{places: string[], color: string | null, size?: string | null}} Wanted */

/**
 * @param {Wanted} wanted names of columns
 * @returns {{drawn: import('../charts/pointcanvas.js').Drawn | null, of: import('../state/columns.js').Cloud | null, error: Error | null, note: string}}
 */
export function useCloud({ places, color, size = null }) {
  const points = useLoaded(
    () =>
      cloud(() =>
        places.every(columnOf) ? { places, color: columnOf(color) ? color : null, size: columnOf(size) ? size : null } : null,
      ),
    [String(places), color, size],
  );
  const { value, error } = points.value;
  const classes = columnOf(color)?.classes ?? NO_CLASSES;
  // Of the filters whose rows are known: nothing is drawn again before.
  const bits = matchingBits.value;
  const isFiltered = bits !== null;
  const rows = viewNow.value?.rows ?? 0;
  const match = useMemo(() => (bits ? countOf(bits) : rows), [bits, rows]);
  const colors = useMemo(() => value && colorBytes(value, classes, isDark.value), [value, classes, isDark.value]);
  const sizes = useMemo(() => value && sizeBytes(value), [value]);
  const marks = useMemo(
    () => value && markBytes(value, bits, selected.value, classes.length),
    [value, bits, selected.value, classes.length],
  );
  const chosen = selected.value.size;
  const drawn = useMemo(
    () => (value && colors && marks ? { places: value.places, colors, marks, sizes, isFiltered, matching: match, chosen } : null),
    [value, colors, marks, sizes, isFiltered, match, chosen],
  );
  const note = isFiltered ? `${count(match)} of ${count(rows)}` : count(rows);
  return { drawn, of: value, error, note };
}

/** @type {import('../state/types.js').Class[]} */
const NO_CLASSES = [];

/** @param {number} rows how many are drawn @returns {number[]} rows with a ring: the one that is open, the one that is pointed at */
export const ringed = (rows) => [openRow.value, hovered.value?.row ?? null].filter((row) => row !== null).filter((row) => row < rows);

/** @param {number | null} row @param {number} x @param {number} y */
export const hover = (row, x, y) => {
  hovered.value = row === null ? null : { row, x, y };
};

/** @param {number | null} row @param {boolean} isAdding */
export function press(row, isAdding) {
  if (row === null) return;
  if (isAdding) toggleSelected(row);
  else openSample(row);
}

/**
 * The columns of a chart of points: places that belong together, each axis by itself, and the size.
 *
 * @param {{name: string, title: string, axes: string[], places: string[], groups: {title: string, places: string[]}[], size: string | null, onChange: (next: {places?: string[], size?: string | null}) => void}} props
 */
export const Places = ({ name, title, axes, places, groups, size, onChange }) => html`<${Menu} label="which columns are drawn"
  name=${html`<span class="cut" title=${title}>${name}</span> <i class="down" />`}>
  ${groups.map(
    (group) => html`<button type="button" key=${String(group.places)} class=${String(group.places) === String(places) ? 'is-on' : ''}
      onClick=${(/** @type {Event} */ event) => {
        closeMenu(event);
        onChange({ places: group.places });
      }}>${group.title}</button>`,
  )}
  ${axes.map(
    (axis, at) => html`<span class="item" key=${axis}><${ColumnPick} label=${axis} value=${places[at]} kinds=${['number']}
      onChoose=${(/** @type {string} */ next) => onChange({ places: places.with(at, next) })} /></span>`,
  )}
  <span class="item"><${ColumnPick} label="size" value=${size} kinds=${['number']} none="all the same"
    onChoose=${(/** @type {string} */ next) => onChange({ size: next || null })} /></span>
<//>`;

/** @param {{value: string | null, onChoose: (name: string | null) => void}} props */
export const ColorPick = ({ value, onChoose }) => html`<${ColumnPick} label="colour" value=${value} kinds=${['class', 'number', 'flag']} none="none"
  onChoose=${(/** @type {string} */ name) => onChoose(name || null)} />`;

/** @param {{of: import('../state/columns.js').Cloud, size: string | null | undefined}} props what colours and sizes of numbers mean */
export const Scale = ({ of: { color, size }, size: name }) => html`<div class="scale dim">
  ${color?.kind === 'number' && html`<span>${digits(color.least)}</span><i /><span>${digits(color.most)}</span>`}
  ${size && html`<span title=${`size: ${name}`}><b>·</b> ${digits(size.least)}</span><span><b>●</b> ${digits(size.most)} ${name}</span>`}</div>`;
