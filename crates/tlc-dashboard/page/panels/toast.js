/** The line that says what was done. */
import { toast } from '../state/toast.js';
import { html } from '../widgets/html.js';

export const Toast = () => html`<div class=${`toast ${toast.value ? 'is-on' : ''}`} role="status">${toast.value}</div>`;
