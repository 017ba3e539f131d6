/** One line that a person writes: enter sends it, escape gives it up. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { sendKeys } from './hooks.js';
import { html } from './html.js';
import { Marked } from './marked.js';

/** @typedef {{error: string, text?: string, position?: number | null}} Problem what is wrong, and where in which text */

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.placeholder
 * @param {string} [props.button] what sends it, too
 * @param {boolean} [props.isCode]
 * @param {(text: string) => Promise<Problem | null | void>} props.onSend what it throws is a problem, too
 * @param {() => void} props.onDone sent without a problem, or given up
 */
export function LineForm({ label, placeholder, button, isCode = false, onSend, onDone }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => box.current?.focus(), []);
  const send = async () => {
    const wrong = text.trim() ? await onSend(text.trim()).catch((/** @type {Error} */ failure) => ({ error: failure.message })) : null;
    if (wrong) setProblem(wrong);
    else onDone();
  };
  return html`<div class="expression"><div class="row"><input ref=${box} type="text" class=${`grow ${isCode ? 'code' : ''}`} spellcheck=${!isCode}
    aria-label=${label} placeholder=${placeholder} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}
    onKeyDown=${sendKeys(send, onDone)} />${button && html`<button type="button" onClick=${send}>${button}</button>`}</div>
    ${problem && html`<div class="problem" role="alert"><${Marked} text=${problem.text ?? ''} position=${problem.position ?? null} /><span>${problem.error}</span></div>`}</div>`;
}
