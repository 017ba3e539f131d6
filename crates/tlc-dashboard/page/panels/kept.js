/** Rows kept under a name: each a filter, and a place to keep what is looked at now. */
import { useState } from 'preact/hooks';
import { answer } from '../state/answer.js';
import { canKeep, forget, isFilteredBy, keep, kept, toggleKept } from '../state/kept.js';
import { matching } from '../state/rows.js';
import { selectedRows } from '../state/selection.js';
import { brief, many } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { LineForm } from '../widgets/lineform.js';

export function Kept() {
  if (kept.value.length === 0 && !canKeep.value) return null;
  return html`<section class="kept" aria-label="rows kept under a name">
    ${kept.value.map((column) => html`<${One} key=${column.name} column=${column} />`)}
    ${canKeep.value && html`<${Keep} />`}
  </section>`;
}

/** @param {{column: import('../state/types.js').Column}} props */
function One({ column }) {
  const counts = answer.value.value?.classes?.find((each) => each.column === column.name)?.classes.find((each) => each.id === 1);
  const isOn = isFilteredBy(column);
  return html`<div class="row keptrow"><button type="button" class="classbar" aria-pressed=${isOn}
    title=${`${column.description || 'kept rows'}\nclick: only these`} onClick=${() => toggleKept(column)}>
    <span class="name"><i class="tag" />${column.selection}</span>
    <span class="number">${counts && html`${brief(counts.matching)}<span class="dim"> / ${brief(counts.all)}</span>`}</span></button>
    ${canKeep.value && html`<button type="button" class="quiet icon" aria-label=${`forget the name ${column.selection}`} title="forget this name"
      onClick=${() => forget(column)}>×</button>`}</div>`;
}

function Keep() {
  const [isOpen, setOpen] = useState(false);
  const rows = selectedRows.value.length || matching.value || 0;
  if (isOpen)
    return html`<${LineForm} label="name of these rows" placeholder="a name" button="keep" onSend=${keep} onDone=${() => setOpen(false)} />`;
  return html`<button type="button" class="quiet small" disabled=${rows === 0} title="under a name that filters, programs and colleagues find again"
    onClick=${() => setOpen(true)}>keep ${selectedRows.value.length ? 'the selected' : 'these'} ${many(rows, 'row')} as…</button>`;
}
