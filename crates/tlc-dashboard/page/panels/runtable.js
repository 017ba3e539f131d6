/** The list of runs. */
import { useRef } from 'preact/hooks';
import { hue } from '../charts/colors.js';
import { runs } from '../state/catalog.js';
import * as list from '../state/runlist.js';
import { go, setParams } from '../state/url.js';
import { Menu } from '../widgets/basics.js';
import { age, digits, many, moment, parameterText } from '../widgets/format.js';
import { useKeys, useNow } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';

const PLACEHOLDER = 'filter, e.g. test_accuracy > 0.85';

export function RunTable() {
  const now = useNow(15_000);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useKeys({ '/': () => input.current?.focus() });
  const shown = list.listed.value;
  const columns = list.columns.value;
  const total = runs.value.value?.length ?? 0;
  const areAll = shown.length > 0 && shown.every((run) => list.tickedIds.value.includes(run.id));
  return html`<div class="runtable">
    <div class="row">
      <input ref=${input} class="code grow" type="search" spellcheck=${false} aria-label="filter runs" placeholder=${PLACEHOLDER}
        value=${list.words.value ?? ''}
        onInput=${(/** @type {any} */ event) => setParams({ q: event.target.value || null })} />
      <${Menu} name="columns" align="right"><${Columns} /><//>
    </div>
    <div class="scroll-x"><table class="list dense"><thead><tr>
      <th class="tick"><input type="checkbox" aria-label="draw all that are listed" checked=${areAll}
        onChange=${() => list.setTicks(areAll ? [] : shown.map((run) => run.id))} /></th>
      <${Head} column="name" name="run" /><${Head} column="age" name="age" />
      ${columns.map((column) => html`<${Head} key=${column} column=${column} name=${column.slice(2)} isNumber />`)}
      <th class="act" />
    </tr></thead>
    <tbody>${shown.map((run) => html`<${Row} key=${run.id} run=${run} columns=${columns} now=${now} />`)}</tbody></table></div>
    ${runs.value.isLoading && total === 0 && html`<div class="skeleton" aria-label="loading">${[0, 1, 2, 3].map((each) => html`<i key=${each} />`)}</div>`}
    <div class="dim note">${shown.length === total ? many(total, 'run') : `${shown.length} of ${total} runs`}
      ${
        list.tickedIds.value.length === 2 &&
        html` · <button type="button" class="link" title="which samples are newly right, and newly wrong (shift+c)"
        onClick=${compareTicked}>compare the two that are ticked</button>`
      }
      ${
        list.hiddenIds.value.length > 0 &&
        html` · <button type="button" class="link"
        onClick=${list.showHidden}>show ${list.hiddenIds.value.length} hidden</button>`
      }
      ${
        shown.length === 0 &&
        total > 0 &&
        html` · <button type="button" class="link"
        onClick=${() => setParams({ q: null })}>clear the filter</button>`
      }</div>
  </div>`;
}

/** Compares the two runs that are ticked, the older one as before. */
export function compareTicked() {
  const [after, before] = list.tickedIds.value;
  if (after && before) go(['compare'], { before, after });
}

/** @param {{column: string, name: string, isNumber?: boolean}} props */
function Head({ column, name, isNumber }) {
  const [by, direction] = (list.sort.value ?? '').split(/ (?=\w+$)/);
  const isBy = by === column;
  return html`<th class=${isNumber ? 'number' : ''} aria-sort=${isBy ? (direction === 'up' ? 'ascending' : 'descending') : 'none'}>
    <button type="button" class="head" title=${name} onClick=${() => list.sortBy(column)}>
      <span>${name}</span>${isBy && (direction === 'up' ? ' ↑' : ' ↓')}</button></th>`;
}

/** @param {{run: import('../state/types.js').Run, columns: string[], now: number}} props */
function Row({ run, columns, now }) {
  const isFocused = list.focused.value?.id === run.id;
  const isTicked = list.tickedIds.value.includes(run.id);
  return html`<tr class=${isFocused ? 'is-on' : ''} aria-selected=${isFocused} onClick=${() => list.focusRun(run.id)}>
    <td class="tick"><input type="checkbox" aria-label=${`draw ${run.name}`} checked=${isTicked}
      onClick=${(/** @type {Event} */ event) => event.stopPropagation()} onChange=${() => list.toggleTick(run.id)} /></td>
    <td class="name"><div><i class=${`status ${run.status}`} title=${run.failure ? `${run.status}: ${run.failure}` : run.status} />
      <i class="stripe" style=${{ background: isTicked ? hue(list.colorPlaces.value[run.id] ?? 0) : 'transparent' }} /><span
      title=${run.name}>${run.name}</span></div></td>
    <td class="dim" title=${moment(run.created)}>${age(run.created, now)}</td>
    ${columns.map((column) => html`<${Value} key=${column} value=${list.valueOf(run, column)} isParameter=${column.startsWith('p:')} />`)}
    <td class="act"><button type="button" class="quiet icon" title="hide it from the list" aria-label=${`hide ${run.name}`} onClick=${(
      /** @type {Event} */ event,
    ) => {
      event.stopPropagation();
      list.hide(run.id);
    }}>×</button></td>
  </tr>`;
}

/** @param {{value: unknown, isParameter: boolean}} props */
const Value = ({ value, isParameter }) =>
  typeof value === 'number' && !isParameter
    ? html`<td class="number" title=${String(value)}>${digits(value)}</td>`
    : html`<td class="number dim" title=${parameterText(value)}>${parameterText(value)}</td>`;

function Columns() {
  const { keys, parameters } = list.possibleColumns.value;
  const line = (/** @type {string} */ column) =>
    html`<label key=${column} class="item"><input type="checkbox" checked=${list.columns.value.includes(column)}
      onChange=${() => list.toggleColumn(column)} />${column.slice(2)}</label>`;
  return html`<h3>last values</h3>${keys.map((name) => line(`k:${name}`))}<h3>parameters</h3>${parameters.map((name) => line(`p:${name}`))}`;
}
