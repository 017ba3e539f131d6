/** Columns that are computed of others by an expression: those that there are, and one more. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { derive, underive } from '../state/derived.js';
import { derived, viewNow } from '../state/view.js';
import { html } from '../widgets/html.js';
import { Marked } from '../widgets/marked.js';

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
        ? html`<${Form} onDone=${() => setOpen(false)} />`
        : html`<button type="button" class="quiet small" title="a column that is computed of others, such as loss * weight"
          onClick=${() => setOpen(true)}>new column…</button>`
    }
  </div>`;
}

/** @param {{onDone: () => void}} props */
function Form({ onDone }) {
  const [text, setText] = useState('');
  const [error, setError] = useState(/** @type {import('../state/types.js').DerivedError & {text: string} | null} */ (null));
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => box.current?.focus(), []);
  const send = async () => {
    const [name, expression] = text.split(/=(.*)/s).map((part) => part.trim());
    if (!name) return onDone();
    if (!expression) return setError({ name, error: 'Write a name, = and an expression.', position: null, text });
    try {
      const wrong = await derive({ name, expression });
      if (wrong) setError({ ...wrong, text: expression });
      else onDone();
    } catch (failure) {
      setError({ name, error: /** @type {Error} */ (failure).message, position: null, text });
    }
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter') send();
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone();
    }
  };
  return html`<div class="expression"><input ref=${box} type="text" class="code" spellcheck=${false} aria-label="a new column: name = expression"
    placeholder="name = loss * 2" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} onKeyDown=${onKey} />
    ${error && html`<div class="problem" role="alert"><${Marked} text=${error.text} position=${error.position} /><span>${error.error}</span></div>`}</div>`;
}
