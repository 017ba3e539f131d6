/** Filters: the expression, what was chosen in charts, and each column with its counts. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { HistogramChart } from '../charts/histogram.js';
import { classColor } from '../charts/colors.js';
import { answer, filterable, openColumns, toggleOpen } from '../state/answer.js';
import { charts } from '../state/charts.js';
import { choose, chosenOf, toggle } from '../state/chosen.js';
import { columnOf, defaults, expressionError, filterOn, filters, removeFilter, replaceFilter, setFilters } from '../state/view.js';
import { brief, count, digits, pairTitle, titleOf } from '../widgets/format.js';
import { sendKeys, useKeys } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { Marked } from '../widgets/marked.js';
import { DerivedColumns } from './derived.js';
import { Kept } from './kept.js';

/** @typedef {import('../state/types.js').Filter} Filter */
/** @typedef {import('../state/types.js').Column} Column */
/** @typedef {import('../state/types.js').ClassCounts} ClassCounts */

const CLASSES_SHOWN = 10;
const NO_APART = { missing: 0, nan: 0, infinity: 0, minus_infinity: 0, outside: 0 };
const SPECIAL = /** @type {const} */ ([
  ['missing', 'missing'],
  ['nan', 'NaN'],
  ['infinity', '∞'],
  ['minus_infinity', '−∞'],
]);

export function Filters() {
  const open = openColumns.value;
  const shown = filterable.value.filter((column) => open.includes(column.name));
  const rest = filterable.value.filter((column) => !open.includes(column.name));
  return html`<aside class="filters" aria-label="filters">
    <${Expression} />
    <${Chips} />
    <${Kept} />
    ${shown.map((column) => html`<${ColumnFilter} key=${column.name} column=${column} />`)}
    ${rest.length > 0 && html`<div class="rest">
      <div class="dim">more columns</div>${rest.map((column) => html`<button type="button" class="quiet" key=${column.name}
      title=${column.description ?? column.name} onClick=${() => toggleOpen(column.name)}>${titleOf(column)}</button>`)}</div>`}
    <${DerivedColumns} />
  </aside>`;
}

/** The words of the expression box while they are written. */
const draft = signal(/** @type {string | null} */ (null));

function Expression() {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useKeys({ '/': () => box.current?.focus() });
  const now = filters.value.find((each) => each.type === 'expression');
  const text = draft.value ?? (now?.type === 'expression' ? now.text : '');
  const error =
    expressionError.value?.text === (now?.type === 'expression' ? now.text : null) && draft.value === null ? expressionError.value : null;
  const send = () => {
    const others = filters.peek().filter((each) => each.type !== 'expression');
    const wanted = text.trim();
    draft.value = null;
    expressionError.value = null;
    setFilters([...others, ...(wanted ? [/** @type {Filter} */ ({ type: 'expression', text: wanted })] : [])]);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      draft.value = null;
      box.current?.blur();
    }
  };
  useEffect(
    () => () => {
      draft.value = null;
    },
    [],
  );
  return html`<div class="expression">
    <textarea ref=${box}
      class=${`code ${error ? 'is-wrong' : ''}`} rows=${text.length > 30 ? 2 : 1} spellcheck=${false} aria-label="filter by an expression"
      aria-invalid=${error !== null} placeholder=${example()} value=${text}
      onInput=${(/** @type {any} */ event) => {
        draft.value = event.target.value;
      }} onKeyDown=${onKey} onBlur=${() => {
        if (draft.value !== null) send();
      }} />
    ${
      text &&
      html`<button type="button" class="quiet icon" aria-label="clear the expression" title="clear" onClick=${() => {
        draft.value = '';
        removeFilter(/** @type {Filter} */ (now));
        draft.value = null;
      }}>×</button>`
    }
    ${error && html`<div class="problem" role="alert"><${Marked} text=${error.text} position=${error.position} /><span>${error.message}</span>
      </div>`}
  </div>`;
}

/** @returns {string} what one could write here */
function example() {
  const { label, predicted, loss } = defaults.value;
  return label && predicted ? `${predicted} != ${label}` : loss ? `${loss} > 1` : 'filter by an expression';
}

/** Filters that no column shows: of charts, of findings. */
function Chips() {
  const chips = filters.value.filter(
    (each) => ['lasso', 'rows', 'not', 'any'].includes(each.type) || ('column' in each && !openColumns.value.includes(each.column) && !columnOf(each.column)?.selection),
  );
  if (chips.length === 0) return null;
  return html`<div class="chips">${chips.map((each, at) => html`<button type="button" class="chip" key=${at} title="take this filter away"
    onClick=${() => removeFilter(each)}><span>${said(each)}</span> ×</button>`)}</div>`;
}

/** @param {Filter} filter @returns {string} */
export function said(filter) {
  switch (filter.type) {
    case 'lasso':
      return `lasso on ${pairTitle(filter.x, filter.y)}`;
    case 'rows':
      return filter.rows.length === 1 ? `row ${filter.rows[0]}` : `${count(filter.rows.length)} rows`;
    case 'not':
      return `not ${said(filter.filter)}`;
    case 'any':
      return filter.filters.map(said).join(' or ');
    case 'range':
      return `${filter.column} ${rangeText(filter)}`;
    case 'classes':
      return `${filter.column}: ${filter.ids.length + (filter.missing ? 1 : 0)} classes`;
    case 'flag':
      return `${filter.column} is ${filter.is}`;
    case 'contains':
      return `${filter.column} contains “${filter.text}”`;
    case 'special':
      return `${filter.column} is ${filter.is.replace('_', ' ')}`;
    default:
      return filter.text;
  }
}

/** @param {{min?: number, max?: number}} range */
const rangeText = ({ min, max }) =>
  min === undefined ? `≤ ${digits(max ?? 0)}` : max === undefined ? `≥ ${digits(min)}` : `${digits(min)} – ${digits(max)}`;

/** @param {{column: Column}} props */
function ColumnFilter({ column }) {
  switch (column.kind) {
    case 'number':
      return html`<${NumberFilter} column=${column} />`;
    case 'class':
    case 'flag':
      return html`<${ClassFilter} column=${column} />`;
    default:
      return html`<${TextFilter} column=${column} />`;
  }
}

/** @param {{column: Column, note: any, onClear?: () => void}} props */
const Head = ({
  column,
  note,
  onClear,
}) => html`<header><button type="button" class="head" title=${`${column.description ? `${column.description}\n` : ''}fold this away`}
  onClick=${() => toggleOpen(column.name)}>
  <span>${titleOf(column)}</span>${column.unit && html`<span class="dim"> ${column.unit}</span>`}</button>
  ${onClear ? html`<button type="button" class="link" title="take this filter away"
    onClick=${onClear}>${note} ×</button>` : html`<span class="dim">${note}</span>`}</header>`;

/** @param {{column: Column}} props */
function NumberFilter({ column }) {
  const histogram = answer.value.value?.histograms?.find((each) => each.column === column.name);
  const range = /** @type {import('../state/types.js').RangeFilter | undefined} */ (filterOn(['range'], column.name));
  const special = /** @type {import('../state/types.js').SpecialFilter | undefined} */ (filterOn(['special'], column.name));
  const [isTyping, setTyping] = useState(false);
  const set = (/** @type {{min?: number, max?: number} | null} */ next, /** @type {boolean} */ isFirst = true) =>
    replaceFilter(['range'], column.name, next && { type: 'range', column: column.name, ...next }, { step: isFirst });
  const clear = () => replaceFilter(['range', 'special'], column.name, null, { step: true });
  const edges = histogram?.edges;
  const apart = histogram?.all_apart ?? NO_APART;
  const matchingApart = histogram?.matching_apart ?? NO_APART;
  const note = range
    ? rangeText(range)
    : special
      ? special.is
      : edges?.length
        ? `${digits(edges[0])} – ${digits(edges[edges.length - 1])}`
        : '';
  return html`<section class="column"><${Head} column=${column} note=${note} onClear=${range || special ? clear : undefined} />
    ${
      histogram && edges?.length
        ? html`<${HistogramChart} histogram=${histogram} range=${range ?? null} onRange=${set} isRoot
          label=${`${column.name}: how many rows have which value; heights by square root`} />`
        : html`<div class="histogram" />`
    }
    <div class="under">${SPECIAL.map(([is, name]) => apart[is] > 0 && html`<button type="button" key=${is}
      class=${`quiet ${special?.is === is ? 'is-on' : ''}`}
      onClick=${() => replaceFilter(['special', 'range'], column.name, special?.is === is ? null : { type: 'special', column: column.name, is }, { step: true })}>${name} ${count(matchingApart[is])} / ${count(apart[is])}</button>`)}
      ${
        isTyping
          ? html`<${RangeBox} range=${range} onDone=${(/** @type {any} */ next) => {
              setTyping(false);
              if (next !== undefined) set(next);
            }} />`
          : html`<button type="button" class="quiet type" title="write the range" aria-label=${`write the range of ${column.name}`}
            onClick=${() => setTyping(true)}>range…</button>`
      }</div>
  </section>`;
}

/** @param {{range: {min?: number, max?: number} | undefined, onDone: (next: {min?: number, max?: number} | null | undefined) => void}} props */
function RangeBox({ range, onDone }) {
  const [least, setLeast] = useState(String(range?.min ?? ''));
  const [most, setMost] = useState(String(range?.max ?? ''));
  const number = (/** @type {string} */ text) => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text));
  const send = () => {
    const [min, max] = [number(least), number(most)];
    onDone(
      min === undefined && max === undefined ? null : { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
    );
  };
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => first.current?.focus(), []);
  return html`<span class="row range" onKeyDown=${sendKeys(send, () => onDone(undefined))}>
    <input ref=${first} type="text" inputmode="decimal" aria-label="least" placeholder="least" value=${least}
    onInput=${(/** @type {any} */ event) => setLeast(event.target.value)} />–<input type="text" inputmode="decimal" aria-label="most" placeholder="most"
    value=${most} onInput=${(/** @type {any} */ event) => setMost(event.target.value)} /><button type="button" onClick=${send}>set</button>
    </span>`;
}

/** @param {{column: Column}} props */
function ClassFilter({ column }) {
  const [areAll, setAll] = useState(false);
  const [words, setWords] = useState('');
  const counts = answer.value.value?.classes?.find((each) => each.column === column.name);
  const chosen = chosenOf(column.name);
  const isColored = charts.value.some((chart) => 'color' in chart && chart.color === column.name);
  const classes = counts?.classes ?? (column.classes ?? []).map((each) => ({ ...each, all: NaN, matching: NaN }));
  const most = Math.max(1, ...classes.map((each) => each.all || 0));
  const found = words ? classes.filter((each) => each.name.toLowerCase().includes(words.toLowerCase())) : classes;
  const shown =
    areAll || found.length <= CLASSES_SHOWN + 2 ? found : found.toSorted((a, b) => b.matching - a.matching).slice(0, CLASSES_SHOWN);
  const [missingAll, missingMatching] = counts?.missing ?? [0, 0];
  return html`<section class="column"><${Head} column=${column}
    note=${chosen ? `${chosen.size} of ${classes.length}` : column.kind === 'flag' ? '' : `${count(classes.length)} classes`}
    onClear=${chosen ? () => choose(column.name, null) : undefined} />
    ${classes.length > CLASSES_SHOWN + 2 && html`<input type="search" class="code"
      aria-label=${`find a class of ${column.name}`} placeholder="find a class" value=${words}
      onInput=${(/** @type {any} */ event) => setWords(event.target.value)} />`}
    ${shown.map(
      (
        each,
      ) => html`<${ClassBar} key=${each.id} name=${each.name} all=${each.all} matching=${each.matching} most=${most}
        isOff=${chosen !== null && !chosen.has(each.id)} isOn=${chosen?.has(each.id) ?? false}
      color=${isColored ? classColor(column.classes ?? [], each.id) : null} onClick=${(/** @type {MouseEvent} */ event) => toggle(column.name, each.id, event.ctrlKey || event.metaKey || event.shiftKey)} />`,
    )}
    ${missingAll > 0 && html`<${ClassBar} name="missing" all=${missingAll} matching=${missingMatching} most=${most}
      isOff=${chosen !== null && !chosen.has(null)} isOn=${chosen?.has(null) ?? false} color=${null}
      onClick=${(/** @type {MouseEvent} */ event) => toggle(column.name, null, event.ctrlKey || event.metaKey || event.shiftKey)} />`}
    ${shown.length < found.length && html`<button type="button" class="link"
      onClick=${() => setAll(true)}>all ${count(found.length)}</button>`}
    ${areAll && found.length > CLASSES_SHOWN + 2 && html`<button type="button" class="link" onClick=${() => setAll(false)}>fewer</button>`}
  </section>`;
}

/** @param {{name: string, all: number, matching: number, most: number, isOff: boolean, isOn: boolean, color: string | null, onClick: (event: MouseEvent) => void}} props */
const ClassBar = ({
  name,
  all,
  matching,
  most,
  isOff,
  isOn,
  color,
  onClick,
}) => html`<button type="button" class=${`classbar ${isOff ? 'is-off' : ''}`} aria-pressed=${isOn}
  title=${`${name}: ${count(matching)} of ${count(all)} match\nclick: only these; ctrl+click: these, too`} onClick=${onClick}>
  <span class="name">${color && html`<i class="swatch" style=${{ background: color }} />`}${name}</span>
  <span class="track"><i style=${{ width: `${((all || 0) / most) * 100}%` }} /><i class="in"
    style=${{ width: `${((matching || 0) / most) * 100}%` }} /></span>
  <span class="number">${Number.isNaN(all) ? '' : html`${brief(matching)}<span class="dim"> / ${brief(all)}</span>`}</span>
</button>`;

/** @param {{column: Column}} props */
function TextFilter({ column }) {
  const now = /** @type {import('../state/types.js').ContainsFilter | undefined} */ (filterOn(['contains'], column.name));
  const set = (/** @type {string} */ text) =>
    replaceFilter(['contains'], column.name, text ? { type: 'contains', column: column.name, text } : null, { step: false });
  return html`<section class="column"><${Head} column=${column} note=${now ? 'contains' : 'text'}
    onClear=${now ? () => set('') : undefined} />
    <input type="search" class="code" aria-label=${`${column.name} contains`} placeholder="contains" value=${now?.text ?? ''}
      onInput=${(/** @type {any} */ event) => set(event.target.value)} /></section>`;
}
