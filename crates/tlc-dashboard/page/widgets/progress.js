/** How far long work is, and its end before its time. */
import { html } from './html.js';

/** @param {{stage: string, part: number, label: string, onCancel: () => void}} props */
export const Progress = ({ stage, part, label, onCancel }) => html`<div class="row working">
  <progress max="1" value=${part || undefined} aria-label=${label} />
  <span class="dim cut">${stage}</span>
  <button type="button" class="link" title="end it: nothing is written" onClick=${onCancel}>cancel</button>
</div>`;
