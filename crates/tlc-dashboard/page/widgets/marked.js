/** A text with the place marked where it goes wrong. */
import { html } from './html.js';

/** @param {{text: string, position: number | null}} props the position in characters from 1 */
export function Marked({ text, position }) {
  if (position === null) return null;
  const letters = [...text];
  const at = Math.min(Math.max(position - 1, 0), letters.length);
  return html`<pre>${letters.slice(Math.max(0, at - 14), at).join('')}<mark>${letters[at] ?? ' '}</mark>${letters.slice(at + 1, at + 12).join('')}</pre>`;
}
