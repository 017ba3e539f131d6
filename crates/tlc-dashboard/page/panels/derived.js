/** Columns that are computed of others by an expression: those that there are, and one more. */
import { useState } from 'preact/hooks';
import { derive, underive } from '../state/derived.js';
import { derived, viewNow } from '../state/view.js';
import { html } from '../widgets/html.js';
import { LineForm } from '../widgets/lineform.js';

export function DerivedColumns() {
  const [isOpen, setOpen] = useState(false);
  const errors = viewNow.value?.derived_errors ?? [];
  return html`<div class="derived">
    ${derived.value.map((each) => {
      const error = errors.find((wrong) => wrong.name === each.name);
      return html`<div class="row" key=${each.name}><span class=${`cut grow ${error ? 'wrong' : 'dim'}`}
        title=${error?.error ?? `${each.name} = ${each.expression}`}>${each.name} = <span class="code">${each.expression}</span></span>
        <button type="button" class="quiet icon" aria-label=${`take the column ${each.name} away`} title="take this column away"
        onClick=${() => underive(each.name)}>×</button></div>`;
    })}
    ${
      isOpen
        ? html`<${LineForm} label="a new column: name = expression" placeholder="name = loss * 2" isCode onSend=${send} onDone=${() => setOpen(false)} />`
        : html`<button type="button" class="quiet small" title="a column that is computed of others, such as loss * weight"
          onClick=${() => setOpen(true)}>new column…</button>`
    }
  </div>`;
}

/** @param {string} text @returns {Promise<import('../widgets/lineform.js').Problem | null>} */
async function send(text) {
  const [name, expression] = text.split(/=(.*)/s).map((part) => part.trim());
  if (!name || !expression) return { error: 'Write a name, = and an expression.' };
  const wrong = await derive({ name, expression });
  return wrong && { ...wrong, text: expression };
}
