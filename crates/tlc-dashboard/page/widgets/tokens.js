/** A sequence whose tokens are coloured by what each of them cost. */
import { digits } from './format.js';
import { html } from './html.js';

const MOST = 2000;
const STRONGEST = 46;

/** @param {{tokens: string[], losses: (number | null)[]}} props */
export function Tokens({ tokens, losses }) {
  const most = Math.max(...losses.slice(0, MOST).map((each) => each ?? 0), 1e-9);
  const wash = (/** @type {number | null} */ loss) =>
    loss === null
      ? undefined
      : { background: `color-mix(in srgb, var(--wrong) ${Math.round((Math.max(0, loss) / most) * STRONGEST)}%, transparent)` };
  return html`<p class="sequence" aria-label=${`${tokens.length} tokens, the darkest cost ${digits(most)}`}>${tokens
    .slice(0, MOST)
    .map((token, at) => {
      const loss = losses[at] ?? null;
      return html`<span key=${at} title=${loss === null ? 'no loss' : `loss ${digits(loss)}`} style=${wash(loss)}>${token}</span>`;
    })}${tokens.length > MOST && html`<span class="dim">… and ${tokens.length - MOST} more</span>`}</p>`;
}
