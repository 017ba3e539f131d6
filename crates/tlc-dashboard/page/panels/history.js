/** One sample's metrics over the epochs: of the one that is open, or that the keys are at. */
import { classColor, hue } from '../charts/colors.js';
import { Trends } from '../charts/trends.js';
import { historyOf, rowNow } from '../state/history.js';
import { openSample } from '../state/selection.js';
import { told } from '../state/tiles.js';
import { sampleOf } from '../state/sample.js';
import { columnOf, epochNow, setEpoch, viewNow } from '../state/view.js';
import { Empty } from '../widgets/basics.js';
import { cellText, count, digits, many, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Pane } from './pane.js';

/** @typedef {import('../state/history.js').Track} Track */

const MOST_EPOCHS_IN_VIEW = 1;

/** @param {{frame: import('./pane.js').Frame}} props */
export function HistoryPane({ frame }) {
  const row = rowNow();
  const history = row === null ? null : historyOf(row);
  const tools = row !== null && html`<button type="button" class="link" title="open this sample" onClick=${() => openSample(row)}>row ${count(row)}</button>
    <span class="cut">${verdict(row)}</span>`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${history && many(history.epochs.length, 'epoch')}>
    ${row === null && html`<${Empty} title="No sample">Where the keys are, or which sample is open, is drawn here.<//>`}
    ${history && history.epochs.length < 2 && html`<p class="dim pad">Of this sample there is one epoch. Lines will be here with the next.</p>`}
    ${history && history.epochs.length > 1 && html`<${Drawn} history=${history} />`}<//>`;
}

/** @param {number} row @returns {string} */
function verdict(row) {
  const { label, newLabel, predicted } = told(row, sampleOf(row)?.cells ?? {});
  return [newLabel ?? label, predicted].filter((each, at, all) => each !== null && all.indexOf(each) === at).join(' → ');
}

/** @param {{history: import('../state/history.js').History}} props */
function Drawn({ history }) {
  const { epochs, runs, numbers, classes } = history;
  const at = Math.max(0, epochs.indexOf(epochNow.value ?? -1));
  const title = (/** @type {string} */ name) => titleOf(/** @type {any} */ (columnOf(name)));
  const colors = runs.map((_, place) => (runs.length > 1 ? hue(place) : 'var(--accent)'));
  const trends = numbers.map(({ name, values }) => {
    const lines = values.map((each, place) => ({ color: colors[place], values: each.map((value) => (typeof value === 'number' ? value : null)) }));
    return { name, title: title(name), lines, says: (/** @type {number} */ place) => read(lines, place) };
  });
  const strips = classes.map((track) => stripOf(track, title(track.name)));
  const choose = (/** @type {number} */ place) => {
    if ((viewNow.value?.epochs.length ?? 0) > MOST_EPOCHS_IN_VIEW) setEpoch(epochs[place]);
  };
  return html`${runs.length > 1 && html`<div class="row dim runsaid">${runs.map((run, place) => html`<span class="row" key=${run}><i
      class="swatch" style=${{ background: colors[place] }} />${run}</span>`)}</div>`}
    <${Trends} epochs=${epochs} at=${at} trends=${trends} strips=${strips} label="metrics of one sample over the epochs" onChoose=${choose} />`;
}

/** @param {{color: string, values: (number | null)[]}[]} lines @param {number} place */
const read = (lines, place) =>
  lines.map(({ color, values: { [place]: value } }, at) => html`<span key=${at} style=${lines.length > 1 ? { color } : {}}>${at > 0 && ' '}${value === null || value === undefined ? '—' : digits(value)}</span>`);

/** @param {Track} track @param {string} title */
function stripOf({ name, values }, title) {
  const column = columnOf(name);
  const said = (/** @type {import('../state/types.js').Cell | undefined} */ value) => cellText(value, column);
  const cell = (/** @type {import('../state/types.js').Cell | undefined} */ value) =>
    value === null || value === undefined ? null : { color: classColor(column?.classes ?? [], Number(value)), title: said(value) };
  return {
    name,
    title,
    strips: values.map((each) => each.map(cell)),
    says: (/** @type {number} */ place) => values.map((each) => said(each[place])).join(' · '),
  };
}
