/** One sample beside the rows: large, with every value and how its metrics went. */
import { useEffect } from 'preact/hooks';
import { Spark } from '../charts/spark.js';
import { pendingOf, wantPending } from '../state/edits.js';
import { face } from '../state/face.js';
import { historyIn } from '../state/history.js';
import { placeOf, rowAt } from '../state/rows.js';
import { sampleOf } from '../state/sample.js';
import { cursor, openRow, openSample, revealed, selected, toggleSelected } from '../state/selection.js';
import { told } from '../state/tiles.js';
import { columnOf, defaults, epochNow, filters, order, setBoth, viewId, viewNow } from '../state/view.js';
import { cellText, percent, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { scrolling } from '../widgets/scroll.js';
import { Value, isWide } from '../widgets/values.js';
import { Face } from './face.js';
import { Near } from './near.js';

export function SampleDetail() {
  const row = openRow.value;
  useEffect(() => {
    if (row !== null) findPlace(row);
  }, [row, viewId.value]);
  if (row === null || !viewId.value) return null;
  const sample = sampleOf(row);
  const listed = rowAt(cursor.value);
  const cells = sample?.cells ?? (listed?.row === row ? listed.cells : {});
  const says = told(row, cells);
  const move = (/** @type {number} */ by) => {
    const next = rowAt(cursor.peek() + by);
    if (!next) return;
    cursor.value += by;
    openSample(next.row);
  };
  return html`<aside class="detail" aria-label=${`row ${row}`}>
    <header class="row"><b class="grow">row ${row}</b>
      <button type="button" class="quiet icon" aria-label="the one before" title="the one before (←)" onClick=${() => move(-1)}>←</button>
      <button type="button" class="quiet icon" aria-label="the one after" title="the one after (→)" onClick=${() => move(1)}>→</button>
      <button type="button" class="quiet icon" aria-label="close" title="close (esc)" onClick=${() => openSample(null)}>×</button></header>
    ${
      face.value !== 'values' &&
      html`<div class=${face.value === 'image' ? 'portrait' : 'quote'} ...${face.value === 'image' ? {} : { ...scrolling, 'aria-label': 'the sample' }}><${Face} row=${row} cells=${cells}
      alt=${says.label ?? `row ${row}`} isLabelled /></div>`
    }
    <div class="verdict">${
      says.label !== null &&
      html`<div>
      <span class="dim">label</span> ${says.newLabel ? html`<s>${says.label}</s> <b class="accent">${says.newLabel}</b>` : html`<b>${says.label}</b>`}</div>`
    }
      ${
        says.predicted !== null &&
        html`<div><span class="dim">model</span> <b
        class=${says.isWrong ? 'wrong' : ''}>${says.predicted}</b>${says.confidence !== null && html` <span class="dim">${percent(says.confidence)}</span>`}</div>`
      }</div>
    <div class="row">
      <button type="button" aria-pressed=${selected.value.has(row)}
        onClick=${() => toggleSelected(row)}>${selected.value.has(row) ? 'Selected' : 'Select'} <kbd>space</kbd></button>
      <button type="button" title="filter to this row alone"
        onClick=${() => setBoth([...filters.peek(), { type: 'rows', rows: [row] }], order.peek())}>Only this</button>
    </div>
    ${!sample && html`<div class="skeleton" aria-label="loading">${[0, 1, 2, 3, 4].map((each) => html`<i key=${each} />`)}</div>`}
    ${sample && html`<${History} sample=${sample} />`}
    <${Near} onOpen=${openSample} />
    ${sample && html`<${Values} row=${row} sample=${sample} />`}
  </aside>`;
}

/** @param {number} row the keys go on from here, also when it was opened in a chart */
async function findPlace(row) {
  wantPending([row]);
  if (!viewId.peek() || rowAt(cursor.peek())?.row === row) return;
  const place = await placeOf(row);
  if (place === null || openRow.peek() !== row) return;
  cursor.value = place;
  revealed.value = { place };
}

/** @param {{sample: import('../state/types.js').Sample}} props what its own run says of it */
export function History({ sample }) {
  const { epochs, runs, numbers, classes } = historyIn(sample);
  if (epochs.length < 2) return null;
  const own = Math.max(0, runs.indexOf(sample.run ?? ''));
  const told = (/** @type {import('../state/history.js').Track} */ { values }) =>
    values[own].map((value, at) => ({ epoch: epochs[at], value })).filter(({ value }) => value !== undefined);
  return html`<section class="history"><h3>By epoch</h3>
    ${numbers.map((track) => {
      const points = told(track).map(({ epoch, value }) => [epoch, typeof value === 'number' ? value : null]);
      const column = columnOf(track.name);
      return html`<div class="trend" key=${track.name}><span class="dim" title=${track.name}>${titleOf(/** @type {any} */ (column))}</span>
      <${Spark} label=${track.name} at=${epochNow.value} points=${points} />
      <span class="number">${cellText(told(track).at(-1)?.value, column)}</span></div>`;
    })}
    ${classes.map(
      (track) => html`<div class="trend" key=${track.name}><span class="dim" title=${track.name}>${track.name}</span>
      <span class="wording">${changes(told(track).map(({ value }) => cellText(value, columnOf(track.name))))}</span></div>`,
    )}
  </section>`;
}

/** @param {string[]} said @returns {string} the classes that it had, one after the other */
function changes(said) {
  const runs = said.filter((each, at) => each !== said[at - 1]);
  return runs.length > 6
    ? `${runs.slice(0, 2).join(' → ')} → … → ${runs.slice(-2).join(' → ')} (${runs.length - 1} changes)`
    : runs.join(' → ');
}

/** @param {{row: number, sample: import('../state/types.js').Sample}} props */
function Values({ row, sample }) {
  const changed = pendingOf(row);
  const { label, predicted, text } = defaults.value;
  const classes = columnOf(label)?.classes ?? columnOf(predicted)?.classes ?? [];
  const isSaid = (/** @type {string} */ name) => face.value === 'text' && name === text;
  const columns = (viewNow.value?.columns ?? []).filter(
    (column) =>
      column.name in sample.cells &&
      column.name !== 'example_id' &&
      !isSaid(column.name) &&
      !['image', 'embedding', 'mask', 'bytes'].includes(column.shows ?? ''),
  );
  const valueOf = (/** @type {string} */ name) => (name in changed ? changed[name] : sample.cells[name]);
  return html`<dl class="values">
    <div><dt>example</dt><dd>${String(sample.example_id ?? '—')}</dd></div>
    ${columns.map(
      (column) => html`<div key=${column.name} class=${isWide(valueOf(column.name), column, classes) ? 'is-wide' : ''}>
      <dt title=${column.description ?? column.name}>${titleOf(column)}</dt>
      <dd title=${column.kind === 'number' ? String(valueOf(column.name)) : undefined}
        class=${column.name in changed ? 'accent' : ''}><${Value} value=${valueOf(column.name)} column=${column} classes=${classes} /></dd></div>`,
    )}
  </dl>`;
}
