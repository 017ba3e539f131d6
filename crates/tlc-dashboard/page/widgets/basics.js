/** Small things that are everywhere: empty places, errors, lines to copy, menus. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';

/** @param {{lines: string}} props lines of a program, with a button that copies them */
export function Copyable({ lines }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(lines);
    } catch {
      selectAndCopy(lines);
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<div class="copyable"><pre tabindex="0"><code>${lines}</code></pre>
    <button type="button" class="quiet" onClick=${copy}>${isCopied ? 'copied' : 'copy'}</button></div>`;
}

/** @param {string} text pages that aren't served securely have no clipboard of their own */
function selectAndCopy(text) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** @param {{title: string, lines?: string, children?: any}} props what will be here, and how to get it */
export const Empty = ({ title, lines, children }) => html`<div class="empty">
  <h2>${title}</h2>
  <div>${children}</div>
  ${lines && html`<${Copyable} lines=${lines} />`}
</div>`;

/** @param {{error: Error | null, onAgain?: () => void}} props */
export const Failure = ({ error, onAgain }) =>
  error &&
  html`<div class="failure" role="alert">
  <span>${error.message}</span>
  ${onAgain && html`<button type="button" onClick=${onAgain}>Try again</button>`}
</div>`;

/**
 * A menu that opens under its name, and closes by Escape or by a click elsewhere.
 *
 * @param {{name: any, label?: string, children: any, align?: 'right', buttonClass?: string}} props
 */
export function Menu({ name, label, children, align, buttonClass = 'quiet' }) {
  const ref = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const sheet = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (/** @type {Event} */ event) => {
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      const isElsewhere = event.type === 'pointerdown' && !ref.current?.contains(/** @type {Node} */ (event.target));
      if (!isEscape && !isElsewhere) return;
      if (isEscape) event.stopPropagation();
      if (ref.current) ref.current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close, true);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close, true);
    };
  }, [isOpen]);
  useLayoutEffect(() => {
    if (!isOpen || !sheet.current) return;
    keepInSight(sheet.current);
    focusables(sheet.current)[0]?.focus();
  }, [isOpen]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (!by || !sheet.current || event.target instanceof HTMLSelectElement) return;
    event.preventDefault();
    event.stopPropagation();
    const items = focusables(sheet.current);
    items[(items.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + by + items.length) % items.length]?.focus();
  };
  return html`<details class="menu" ref=${ref} onToggle=${() => setOpen(ref.current?.open ?? false)}>
    <summary class=${buttonClass} title=${label}>${name}</summary>
    ${isOpen && html`<div ref=${sheet} class=${`sheet ${align ?? ''}`} onKeyDown=${onKey}>${children}</div>`}
  </details>`;
}

/** @param {HTMLElement} sheet @returns {HTMLElement[]} */
const focusables = (sheet) => [...sheet.querySelectorAll('button, a, input, select')].filter((each) => each instanceof HTMLElement);

/** @param {HTMLElement} sheet is moved to where all of it is seen */
function keepInSight(sheet) {
  const { left, right, bottom, top } = sheet.getBoundingClientRect();
  const x = left < 8 ? 8 - left : right > window.innerWidth - 8 ? window.innerWidth - 8 - right : 0;
  const y = bottom > window.innerHeight - 8 ? Math.max(8 - top, window.innerHeight - 8 - bottom) : 0;
  sheet.style.transform = `translate(${x}px, ${y}px)`;
}

/** @param {Event} event closes the menu that something was chosen from */
export const closeMenu = (event) => {
  const menu = /** @type {Element} */ (event.currentTarget).closest('details');
  if (menu) menu.open = false;
};

/** @param {{title: string, onClose: () => void, children: any, wide?: boolean}} props a dialog; Escape closes it */
export function Dialog({ title, onClose, children, wide }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  const onBackdrop = (/** @type {MouseEvent} */ event) => {
    if (event.target === ref.current) onClose();
  };
  return html`<dialog ref=${ref} class=${wide ? 'wide' : ''} aria-label=${title} onCancel=${(/** @type {Event} */ e) => {
    e.preventDefault();
    onClose();
  }} onPointerDown=${onBackdrop}
      onKeyDown=${(/** @type {KeyboardEvent} */ e) => e.stopPropagation()}>
    <div class="dialog"><header><h2>${title}</h2><button type="button" class="quiet" onClick=${onClose}>close <kbd>esc</kbd></button>
      </header>${children}</div>
  </dialog>`;
}

/**
 * Choices of which one holds.
 *
 * @param {{label: string, value: string, choices: [string, any][], onChoose: (value: string) => void}} props
 */
export const Choice = ({ label, value, choices, onChoose }) => html`<span class="choice" role="radiogroup" aria-label=${label}>
  ${choices.map(([each, name]) => html`<button type="button" key=${each} role="radio" aria-checked=${each === value}
    class=${each === value ? 'is-on' : ''} onClick=${() => onChoose(each)}>${name}</button>`)}
</span>`;

/** @param {{label: string, value: string, choices: [string, string][], onChoose: (value: string) => void}} props */
export const Pick = ({ label, value, choices, onChoose }) => html`<label class="pick"><span>${label}</span>
  <select aria-label=${label} value=${value} onChange=${(/** @type {Event} */ event) => onChoose(/** @type {HTMLSelectElement} */ (event.target).value)}>
    ${choices.map(([each, name]) => html`<option key=${each} value=${each} selected=${each === value}>${name}</option>`)}
  </select></label>`;
