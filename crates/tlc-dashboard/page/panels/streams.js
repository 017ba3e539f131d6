/** The streams of a run, each with columns of its own: a tab for each. */
import { count } from '../widgets/format.js';
import { streamAt, streamTitle, streamsOf } from '../state/streams.js';
import { go, paramNow } from '../state/url.js';
import { runOfView } from '../state/view.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Stream} Stream */

/** What does not depend on the columns goes along to another stream. */
const KEPT = ['runs', 'm', 'size', 'charts', 'findings', 'filters'];

export function StreamTabs() {
  const streams = streamsOf(runOfView.value.value);
  const at = streamAt(streams, paramNow('stream'));
  if (!at || streams.length < 2) return null;
  const open = (/** @type {Stream} */ stream) =>
    stream !== at && go(['samples'], { ...Object.fromEntries(KEPT.map((name) => [name, paramNow(name)])), stream: stream.name });
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const next = streams[(streams.indexOf(at) + by + streams.length) % streams.length];
    const tabs = /** @type {HTMLElement} */ (event.currentTarget).querySelectorAll('button');
    tabs[streams.indexOf(next)]?.focus();
    open(next);
  };
  return html`<div class="streamtabs" role="tablist" aria-label="streams of the run" onKeyDown=${onKey}>${streams.map(
    (each) => html`<button type="button" key=${each.name} role="tab" aria-selected=${each === at} tabindex=${each === at ? 0 : -1}
      class=${each === at ? 'is-here' : ''} title=${`${each.name}: ${count(each.rows)} rows of all epochs`} onClick=${() => open(each)}>${streamTitle(each, streams)}</button>`,
  )}</div>`;
}
