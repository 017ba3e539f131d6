/** Review: one sample at a time, large; one key decides, and the next is there. */
import { useEffect } from 'preact/hooks';
import { isCommitting } from '../state/actions.js';
import { canWriteLabel, canWriteWeight, edits, editError, isReviewed } from '../state/edits.js';
import { face, facts } from '../state/face.js';
import { imageSrc } from '../state/images.js';
import { toggleOverlays } from '../state/overlays.js';
import * as queue from '../state/queue.js';
import { rowAt, rowsError, total } from '../state/rows.js';
import { sampleOf } from '../state/sample.js';
import { cursor, openRow } from '../state/selection.js';
import { told } from '../state/tiles.js';
import { go, goToAddress, paramNow, href } from '../state/url.js';
import { columnOf, defaults, filters, order, rowsNow, view, viewId } from '../state/view.js';
import { Empty, Failure } from '../widgets/basics.js';
import { cellText, count, percent, titleOf } from '../widgets/format.js';
import { useKeys } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { scrolling } from '../widgets/scroll.js';
import { Value, isWide } from '../widgets/values.js';
import { Bar } from './bar.js';
import { ClassList } from './classlist.js';
import { Face } from './face.js';
import { said } from './filters.js';
import { Near } from './near.js';
import { Overlays } from './overlays.js';
import { History } from './sample.js';
import { Pending, placesOfView } from './samples.js';

/** Back to where the review was begun. */
export function leave() {
  const back = paramNow('back');
  if (back?.startsWith('/samples')) goToAddress(`#${back}`);
  else go(['samples'], rowsNow());
}

export function Review() {
  useStart();
  useReviewKeys();
  const rows = total.value;
  const row = queue.current.value;
  const { error } = view.value;
  return html`<div class="room review"><${Bar} places=${placesOfView()} tabs=${[]}>
      <${Overlays} /><${Pending} /><button type="button" class="quiet" onClick=${leave}>back <kbd>esc</kbd></button>
    <//>
    <div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax=${rows ?? 0}
      aria-valuenow=${cursor.value} aria-label="reviewed"><i style=${{ width: rows ? `${(cursor.value / rows) * 100}%` : '0' }} /></div>
    <div class="reviewhead">
      <b>Review</b> <span>${rows === null ? '…' : queue.isAtEnd.value ? `${count(rows)} of ${count(rows)}` : `${count(cursor.value + 1)} of ${count(rows)}`}</span> <span class="dim">${queueText()}</span>
      </div>
    <${Failure} error=${error ?? editError.value ?? rowsError.value} />
    ${
      rows === 0 &&
      html`<main class="page"><${Empty} title="Nothing to review"><a class="button"
      href=${href(['samples'], { runs: paramNow('runs'), tables: paramNow('tables') })}>Choose rows</a> No row passes these filters.<//>
      </main>`
    }
    ${rows !== null && rows > 0 && queue.isAtEnd.value && html`<${End} rows=${rows} />`}
    ${row !== null && html`<main class="desk"><${Aside} row=${row} /><${Centre} row=${row} /><${ClassList} row=${row} /></main>`}
  </div>`;
}

/** Begins where the address says, or at the first sample that wasn't looked at. */
function useStart() {
  const isReady = total.value !== null && viewId.value !== null;
  useEffect(() => {
    if (!isReady || (total.peek() ?? 0) === 0) return;
    queue.done.value = {};
    if (openRow.peek() !== null) queue.goToRow(/** @type {number} */ (openRow.peek()));
    else queue.goToFirstNew();
  }, [isReady, viewId.value]);
}

function useReviewKeys() {
  const classes = columnOf(defaults.value.label)?.classes ?? [];
  const digit = (/** @type {number} */ at) => () => {
    if (classes[at] && canWriteLabel.peek()) queue.relabel(classes[at].id);
  };
  useKeys({
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((key, at) => [String(key), digit(at)])),
    a: () => {
      if (canWriteLabel.peek()) queue.accept();
    },
    k: queue.keep,
    enter: queue.keep,
    s: queue.skip,
    w: () => {
      if (canWriteWeight.peek()) queue.leaveOut();
    },
    o: toggleOverlays,
    u: queue.undo,
    'shift+u': queue.redo,
    arrowright: () => queue.move(1),
    arrowleft: () => queue.move(-1),
    arrowdown: () => queue.move(1),
    arrowup: () => queue.move(-1),
    'ctrl+enter': () => {
      isCommitting.value = true;
    },
    escape: leave,
  });
}

/** @returns {string} which samples these are, and in which order */
function queueText() {
  const by = order.value[0];
  const which = filters.value.map(said).join(', ');
  return `${which || 'all rows'}${by ? `, by ${by.column} ${by.descending ? '↓' : '↑'}` : ''}`;
}

/** @param {{row: number}} props */
function Centre({ row }) {
  const cells = rowAt(cursor.value)?.cells ?? {};
  const sample = sampleOf(row);
  const all = { ...cells, ...(sample?.cells ?? {}) };
  const says = told(row, all);
  const { loss } = defaults.value;
  const isImage = face.value === 'image';
  const measures = [loss, ...order.value.map((each) => each.column)].filter(
    (name, at, names) => name && columnOf(name)?.kind === 'number' && names.indexOf(name) === at,
  );
  const accepts = canWriteLabel.value && says.predicted !== null;
  return html`<section class="centre" aria-label=${`row ${row}`}>
    <div class=${`easel ${isImage ? '' : 'is-text'}`} ...${isImage ? {} : { ...scrolling, 'aria-label': 'the sample' }}>${
      face.value === 'values'
        ? html`<${Record} cells=${all} />`
        : html`<${Face} row=${row} cells=${all} alt=${says.label ?? `row ${row}`} isLabelled />`
    }</div>
    <p class="verdict">${says.label !== null && html`label ${says.newLabel ? html`<s class="dim">${says.label}</s> <b class="accent">${says.newLabel}</b>` : html`<b>${says.label}</b>`}`}
      ${
        says.predicted !== null &&
        html`<span
        class=${says.isWrong ? 'wrong' : ''}> model <b>${says.predicted}</b>${says.confidence !== null && ` ${percent(says.confidence)}`}</span>`
      }
      ${says.isLeftOut && html` <span class="dim">weight 0</span>`}</p>
    <div class="decisions">
      <button type="button" onClick=${queue.keep}><kbd>k</kbd> keep</button>
      ${accepts && html`<button type="button" onClick=${queue.accept}><kbd>a</kbd> accept ${says.predicted}</button>`}
      ${canWriteWeight.value && html`<button type="button" onClick=${queue.leaveOut}><kbd>w</kbd> weight 0</button>`}
      <button type="button" onClick=${queue.skip}><kbd>s</kbd> skip</button>
      <button type="button" disabled=${!edits.value.value?.can_undo} onClick=${queue.undo}><kbd>u</kbd> undo</button>
    </div>
    <p class="dim">row ${row}${measures.map((name) => ` · ${titleOf(/** @type {any} */ (columnOf(name)))} ${cellText(all[String(name)], columnOf(name))}`)}${isReviewed(row) ? ' · looked at' : ''}${!canWriteLabel.value ? ' · this table cannot be edited here' : ''}</p>
    ${
      isImage &&
      html`<div class="ahead" aria-label="the next samples">${queue.ahead.value.map(
        (next, at) => html`<button type="button" key=${next}
      aria-label=${`row ${next}`} onClick=${() => queue.move(at + 1)}><img alt="" src=${imageSrc(viewId.value ?? '', next, String(defaults.value.image))} />
      </button>`,
      )}</div>`
    }
  </section>`;
}

/** @param {{cells: Record<string, import('../state/types.js').Cell>}} props a row that is neither seen nor read */
const Record = ({ cells }) =>
  html`<dl class="values">${facts.value.map(
    (column) => html`<div key=${column.name}
  class=${isWide(cells[column.name], column, []) ? 'is-wide' : ''}><dt>${titleOf(column)}</dt>
  <dd><${Value} value=${cells[column.name]} column=${column} classes=${[]} /></dd></div>`,
  )}</dl>`;

/** @param {{row: number}} props */
function Aside({ row }) {
  const sample = sampleOf(row);
  return html`<aside class="beside" aria-label="what is near, and how it went"><${Near} />${sample && html`<${History} sample=${sample} />`}</aside>`;
}

/** @param {{rows: number}} props */
function End({ rows }) {
  const did = Object.entries(queue.done.value);
  return html`<main class="page"><${Empty} title=${`That were all ${count(rows)}`}>
    <p>${did.length ? did.map(([what, many]) => `${count(many)} ${what}`).join(', ') : 'Nothing was changed.'}</p>
    <p class="row"><button type="button" class="main" onClick=${() => {
      isCommitting.value = true;
    }}>Commit <kbd>ctrl+enter</kbd></button>
    <button type="button" onClick=${() => queue.goTo(0)}>From the start</button>
    <button type="button" onClick=${leave}>Back to the samples</button></p>
    <p>The edits are kept by the server until they are committed: you can come back to them.</p>
  <//></main>`;
}
