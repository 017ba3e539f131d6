/** Data sets and their revisions: the graph, each with what it changed. */
import { useState } from 'preact/hooks';
import { get } from '../api.js';
import { project, tables, viewOfTable } from '../state/catalog.js';
import { imageSrc } from '../state/images.js';
import { lanesOf } from '../state/lanes.js';
import { loaded } from '../state/loaded.js';
import { go, href, param, setParams } from '../state/url.js';
import { Copyable, Empty, Failure, Pick } from '../widgets/basics.js';
import { age, cellText, count, many, moment } from '../widgets/format.js';
import { useLoaded, useNow } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { Splitter } from '../widgets/splitter.js';
import { Bar } from './bar.js';
import { Preview } from './preview.js';
import { projectTabs } from './runs.js';

/** @typedef {import('../state/types.js').Table} Table */

const FIRST_TABLE = 'let rows = train.to_samples("train")?;';
const LANE = 16;
const LINE = 52;
const DIFF_ROWS = 200;
const DIFF_MOST = 1000;

const chosenId = param('table');
const otherId = param('with');

export function Tables() {
  const { value, error } = tables.value;
  const datasets = [...new Set((value ?? []).map((table) => table.dataset))];
  const chosen = value?.find((table) => table.id === chosenId.value) ?? value?.[0] ?? null;
  return html`<div class="room"><${Bar} tabs=${projectTabs('tables')} />
    <${Failure} error=${error} onAgain=${tables.again} />
    ${
      value?.length === 0
        ? html`<main class="page"><${Empty} title="Tables will be here"
          lines=${FIRST_TABLE}>A table holds the samples of a data set. A training program makes one of any Burn data set; each commit of edits adds a revision, which keeps what is different and no copy.<//>
          </main>`
        : html`<main class="runs">
        <section class="left graphs" aria-label="data sets">${datasets.map((name) => html`<${Graph} key=${name} name=${name} tables=${(value ?? []).filter((table) => table.dataset === name)} chosen=${chosen} />`)}</section>
        <${Splitter} name="--runs-width" least=${320} most=${960} />
        ${chosen && html`<${Revision} key=${chosen.id} table=${chosen} all=${value ?? []} />`}
      </main>`
    }
  </div>`;
}

/** @param {{name: string, tables: Table[], chosen: Table | null}} props */
function Graph({ name, tables: list, chosen }) {
  const now = useNow(60_000);
  const { nodes, edges, lanes } = lanesOf(list);
  const x = (/** @type {number} */ lane) => 12 + lane * LANE;
  const y = (/** @type {number} */ line) => LINE / 2 + line * LINE;
  const width = 16 + lanes * LANE;
  return html`<section class="graph"><h3>${name} <span class="dim">${many(list.length, 'revision')}</span></h3>
    <div class="tree" style=${{ height: `${nodes.length * LINE}px` }}>
      <svg width=${width} height=${nodes.length * LINE} aria-hidden="true">
        ${edges.map((edge, at) => html`<path key=${at} d=${`M${x(edge.from.lane)} ${y(edge.from.line)} V ${y(edge.to.line) - LINE * 0.7} C ${x(edge.from.lane)} ${y(edge.to.line) - LINE * 0.2}, ${x(edge.to.lane)} ${y(edge.to.line) - LINE * 0.5}, ${x(edge.to.lane)} ${y(edge.to.line)}`} />`)}
        ${nodes.map(
          (node) => html`<circle key=${node.table.id} cx=${x(node.lane)} cy=${y(node.line)} r=${node.table.id === chosen?.id ? 6 : 4.5}
          class=${node.table.id === chosen?.id ? 'is-on' : ''} />`,
        )}
      </svg>
      ${nodes.map(
        ({ table, line }) => html`<button type="button" key=${table.id} class=${`revision ${table.id === chosen?.id ? 'is-on' : ''}`}
          aria-pressed=${table.id === chosen?.id} style=${{ top: `${line * LINE}px`, paddingLeft: `${width + 4}px`, height: `${LINE}px` }}
          onClick=${() => setParams({ table: table.id, with: null })}>
        <span class="row"><b class="cut">${table.name}</b>
          <span class="dim">${table.created === null ? '' : age(table.created, now)}${table.author ? ` · ${table.author}` : ''}</span>
          <span class="grow" /><span class="dim number">${table.parents.length ? changes(table) : many(table.rows, 'row')}</span></span>
        <span class="dim cut">${table.description || (table.parents.length ? 'no description' : 'as it was written')}</span></button>`,
      )}
    </div></section>`;
}

/** @param {Table} table */
const changes = ({ cells_changed: cells, rows_changed: rows }) =>
  [cells ? many(cells, 'cell') : '', rows ? many(rows, 'row') : ''].filter(Boolean).join(', ') || 'nothing changed';

/** @param {{table: Table, all: Table[]}} props */
function Revision({ table, all }) {
  const others = all.filter((each) => each.dataset === table.dataset && each.id !== table.id);
  const other = others.find((each) => each.id === otherId.value) ?? others.find((each) => each.id === table.parents[0]) ?? null;
  const lines = `Table::from_names("${project.value?.name ?? ''}", "${table.dataset}", "${table.name}")?`;
  return html`<section class="curves revisionpane" aria-label=${table.name}>
    <div class="pad"><p>
      <b>${table.dataset} ${table.name}</b> <span class="dim">${many(table.rows, 'row')}${table.created === null ? '' : `, ${moment(table.created)}`}${table.author ? `, by ${table.author}` : ''}</span>
      </p>
      ${table.description && html`<p>${table.description}</p>`}
      <div class="row actions"><a class="button main" href=${href(['samples'], { tables: table.id })}>Open samples</a></div>
      <${Copyable} lines=${lines} />
      <p class="dim columnsline">${table.columns.map(
        (column) => html`<span key=${column.name}
        title=${`${column.kind}${column.description ? `: ${column.description}` : ''}`}>${column.name}</span>`,
      )}</p></div>
    ${others.length > 0 && html`<${Diff} key=${other?.id ?? ''} table=${table} other=${other} others=${others} />`}
    ${!other && html`<${Preview} key=${table.id} table=${table} />`}
  </section>`;
}

/** @param {{table: Table, other: Table | null, others: Table[]}} props */
function Diff({ table, other, others }) {
  const [len, setLen] = useState(DIFF_ROWS);
  const difference = useLoaded(
    () =>
      loaded(() =>
        other
          ? {
              key: `${other.id} ${table.id} ${len}`,
              ask: (signal) =>
                /** @type {Promise<import('../state/types.js').Difference>} */ (
                  get(`tables/${other.id}/diff/${table.id}?start=0&len=${len}`, { signal })
                ),
            }
          : null,
      ),
    [table.id, other?.id, len],
  );
  const view = useLoaded(() => loaded(() => ({ key: table.id, ask: (signal) => viewOfTable(table.id, signal) })), [table.id]);
  const { value, error, isLoading } = difference.value;
  const image = view.value.value?.defaults.image;
  const hasImages = image && table.rows === other?.rows;
  const column = (/** @type {string} */ name) => table.columns.find((each) => each.name === name);
  return html`<div class="diff"><div class="row head"><b>Difference</b><${Pick} label="from" value=${other?.id ?? ''}
    choices=${[...(other ? [] : [['', 'choose']]), ...others.map((each) => [each.id, each.name])]}
    onChoose=${(/** @type {string} */ id) => setParams({ with: id })} /><span class="dim">to ${table.name}</span><span class="grow" />
    <span class="dim">${value ? many(value.total, 'cell') : isLoading ? '…' : ''}</span></div>
    <${Failure} error=${error} />
    ${value?.total === 0 && html`<p class="dim pad">They are the same.</p>`}
    ${
      value &&
      value.total > 0 &&
      html`<table class="list dense"><thead><tr>${hasImages && html`<th />`}<th class="number">row</th><th>column</th><th>before</th>
        <th>after</th></tr></thead>
      <tbody>${value.rows.map(
        (each, at) => html`<tr key=${at} onClick=${() => {
          if (each.row !== null) go(['samples'], { tables: table.id, row: String(each.row) });
        }}>
        ${
          hasImages &&
          html`<td class="thumb">${
            each.row !== null &&
            html`<img alt="" loading="lazy"
          src=${imageSrc(view.value.value?.id ?? '', each.row, image)} />`
          }</td>`
        }
        <td class="number">${each.row === null ? '—' : html`<a href=${href(['samples'], { tables: table.id, row: String(each.row) })}>${count(each.row)}</a>`}</td><td>${each.column}</td>
          <td class="dim">${cellText(each.before, column(each.column))}</td><td>${cellText(each.after, column(each.column))}</td></tr>`,
      )}</tbody></table>`
    }
    ${
      value &&
      value.total > value.rows.length &&
      html`<p class="dim pad">The first ${count(value.rows.length)} of ${count(value.total)}.
      ${len < DIFF_MOST && html` <button type="button" class="link" onClick=${() => setLen(Math.min(DIFF_MOST, len * 5))}>more</button>`}</p>`
    }</div>`;
}
