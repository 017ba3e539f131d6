/** The classes of the label, each with its key. */
import { useRef, useState } from 'preact/hooks';
import { canWriteLabel } from '../state/edits.js';
import * as queue from '../state/queue.js';
import { rowAt } from '../state/rows.js';
import { cursor } from '../state/selection.js';
import { told } from '../state/tiles.js';
import { columnOf, defaults } from '../state/view.js';
import { percent } from '../widgets/format.js';
import { sendKeys, useKeys } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';

const KEYED = 10;

/** @param {{row: number}} props */
export function ClassList({ row }) {
  const [words, setWords] = useState('');
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useKeys({ '/': () => box.current?.focus() });
  const classes = columnOf(defaults.value.label)?.classes ?? [];
  const says = told(row, rowAt(cursor.value)?.cells ?? {});
  const found = classes.filter((each) => each.name.toLowerCase().includes(words.toLowerCase()));
  const leave = () => {
    setWords('');
    box.current?.blur();
  };
  const choose = (/** @type {number} */ id) => {
    leave();
    queue.relabel(id);
  };
  const onKey = sendKeys(() => found[0] && choose(found[0].id), leave);
  if (classes.length === 0) return html`<aside class="classes" />`;
  return html`<aside class="classes" aria-label="classes">
    ${classes.length > KEYED && html`<input ref=${box} type="search" class="code" aria-label="find a class" placeholder="find a class ( / ), enter takes the first"
      value=${words} onInput=${(/** @type {any} */ event) => setWords(event.target.value)} onKeyDown=${onKey} />`}
    ${found.map((each) => {
      const place = classes.indexOf(each);
      const isLabel = each.name === (says.newLabel ?? says.label);
      const isModel = each.name === says.predicted;
      return html`<button type="button" key=${each.id} disabled=${!canWriteLabel.value}
        class=${`${isLabel ? 'is-label' : ''} ${isModel && says.isWrong ? 'is-model' : ''}`} onClick=${() => choose(each.id)}>
        <kbd>${place < KEYED ? (place + 1) % KEYED : ''}</kbd><span class="grow cut">${each.name}</span>
        <span class="dim">${isLabel ? (says.newLabel ? 'new label' : 'label') : ''}${isLabel && isModel ? ', ' : ''}${isModel ? (says.confidence === null ? 'model' : percent(says.confidence)) : ''}</span>
          </button>`;
    })}
  </aside>`;
}
