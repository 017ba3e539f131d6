/** The dialog that makes a revision of the edits, and says how to train on it. */
import { useState } from 'preact/hooks';
import { ApiError } from '../api.js';
import { isCommitting } from '../state/actions.js';
import { projectId, session } from '../state/catalog.js';
import { commit, doEdit, edits } from '../state/edits.js';
import { href } from '../state/url.js';
import { columnOf, viewNow } from '../state/view.js';
import { Copyable, Dialog } from '../widgets/basics.js';
import { cellText, count, many } from '../widgets/format.js';
import { html } from '../widgets/html.js';

export function CommitDialog() {
  if (!isCommitting.value) return null;
  return html`<${Open} />`;
}

const close = () => {
  isCommitting.value = false;
};

function Open() {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [author, setAuthor] = useState(session.value.value?.author ?? '');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  const [done, setDone] = useState(/** @type {import('../state/types.js').Committed | null} */ (null));
  const send = async (/** @type {'branch' | 'rebase' | undefined} */ onConflict) => {
    setBusy(true);
    setError(null);
    try {
      setDone(
        await commit({
          description: description.trim(),
          ...(name.trim() ? { name: name.trim() } : {}),
          ...(author.trim() ? { author: author.trim() } : {}),
          ...(onConflict ? { on_conflict: onConflict } : {}),
        }),
      );
    } catch (failed) {
      setError(/** @type {Error} */ (failed));
    } finally {
      setBusy(false);
    }
  };
  const conflict = error instanceof ApiError ? error.conflict : null;
  const canSend = !isBusy && description.trim() !== '' && hasEdits();
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && canSend && !done && !conflict) send(undefined);
  };
  if (done) return html`<${Done} done=${done} />`;
  return html`<${Dialog} title="Commit the edits" onClose=${close}><form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (canSend) send(undefined);
  }} onKeyDown=${onKey}>
    <${Summary} />
    <label class="field"><span>what was mended, and why</span><textarea rows="2" autofocus required
      value=${description} placeholder="Shirts that were labelled T-shirt"
      onInput=${(/** @type {any} */ event) => setDescription(event.target.value)} /></label>
    <div class="two"><label class="field"><span>name of the revision (one is made up if this is empty)</span>
      <input type="text" spellcheck=${false} value=${name} onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
    <label class="field"><span>author</span><input type="text" value=${author}
      onInput=${(/** @type {any} */ event) => setAuthor(event.target.value)} /></label></div>
    ${error && !conflict && html`<p class="wrong" role="alert">${error.message}</p>`}
    ${conflict && html`<${ConflictNote} message=${error?.message ?? ''} conflict=${conflict} isBusy=${isBusy} onChoose=${send} />`}
    ${!conflict && html`<footer>
      <button type="submit" class="main" disabled=${!canSend}>${isBusy ? 'Committing…' : 'Commit'} <kbd>ctrl+enter</kbd></button>
      <span class="grow" /><${Discard} /></footer>`}
  </form><//>`;
}

const hasEdits = () => (edits.value.value?.tables ?? []).some((table) => table.cells > 0 || table.reviewed > 0);

function Summary() {
  const tables = edits.value.value?.tables ?? [];
  const nameOf = (/** @type {string} */ id) => {
    const table = viewNow.value?.tables.find((each) => each.id === id);
    return table ? `${table.dataset} ${table.name}` : 'the table';
  };
  if (!hasEdits()) return html`<p class="field dim">There is nothing to commit: no cell was changed.</p>`;
  return html`<dl class="values field">${tables
    .filter((each) => each.cells > 0 || each.reviewed > 0)
    .map(
      (each) => html`<div key=${each.table}><dt>${nameOf(each.table)}</dt>
    <dd>${many(each.cells, 'cell')} changed${
      Object.entries(each.columns).length > 0
        ? ` (${Object.entries(each.columns)
            .map(([column, cells]) => `${column} ${count(cells)}`)
            .join(', ')})`
        : ''
    }, ${many(each.reviewed, 'row')} looked at</dd></div>`,
    )}</dl>`;
}

function Discard() {
  const [isSure, setSure] = useState(false);
  if (!hasEdits()) return null;
  return isSure
    ? html`<button type="button" class="wrong" onClick=${async () => {
        await doEdit({ do: 'discard' });
        close();
      }}>Really discard all edits</button>`
    : html`<button type="button" class="quiet" onClick=${() => setSure(true)}>Discard…</button>`;
}

/** @param {{message: string, conflict: import('../state/types.js').Conflict, isBusy: boolean, onChoose: (how: 'branch' | 'rebase') => void}} props */
function ConflictNote({ message, conflict, isBusy, onChoose }) {
  return html`<section class="conflict" role="alert"><p><b>${message}</b></p>
    ${
      conflict.cells.length > 0 &&
      html`<p class="dim">${many(conflict.total, 'cell')} changed by both:</p>
    <table class="list dense"><thead><tr><th>row</th><th>column</th><th>yours</th><th>theirs</th></tr></thead>
      <tbody>${conflict.cells.slice(0, 8).map((each) => html`<tr key=${`${each.row} ${each.column}`}><td>${each.row}</td>
      <td>${each.column ?? ''}</td><td>${cellText(each.yours, columnOf(each.column))}</td>
      <td>${each.column === null ? 'the row was dropped' : each.theirs === undefined ? 'another value' : cellText(each.theirs, columnOf(each.column))}</td>
      </tr>`)}</tbody></table>`
    }
    <footer><button type="button" class="main" disabled=${isBusy} onClick=${() => onChoose('rebase')}>Put mine on top</button>
      <span class="dim">of theirs; where both changed a cell, yours hold</span></footer>
    <footer><button type="button" disabled=${isBusy} onClick=${() => onChoose('branch')}>Make a branch</button>
      <span class="dim">beside theirs; neither has the other's edits</span></footer></section>`;
}

/** @param {{done: import('../state/types.js').Committed}} props */
function Done({ done }) {
  return html`<${Dialog} title=${`Committed: ${done.table.name}`} onClose=${close}>
    <p>Train on it with this line:</p><${Copyable} lines=${done.line} />
    <footer><a class="button" href=${href(['project', projectId.value ?? '', 'tables'], { table: done.table.id })}
      onClick=${close}>See the revision</a><button type="button" class="main" onClick=${close}>Go on</button></footer>
  <//>`;
}
