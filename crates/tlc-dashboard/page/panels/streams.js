/** The streams of a run, each with columns of its own: a tab for each. */
import { count } from '../widgets/format.js';
import { go, paramNow } from '../state/url.js';
import { runOfView } from '../state/view.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Stream} Stream */

/** What does not depend on the columns goes along to another stream. */
const KEPT = ['runs', 'm', 'size', 'charts', 'findings', 'filters'];

export function StreamTabs() {
  const streams = (runOfView.value.value?.streams ?? []).filter((each) => !each.is_finding && each.rows > 0);
  if (streams.length < 2) return null;
  const at = streams.find((each) => each.name === paramNow('stream')) ?? widest(streams);
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

/** @param {Stream[]} streams @returns {Stream} the one that is opened when the address names none */
const widest = (streams) => streams.toSorted((a, b) => b.rows - a.rows)[0];

/** @param {Stream} stream @param {Stream[]} all @returns {string} its splits, where they tell it from the others */
export function streamTitle(stream, all) {
  const title = stream.splits.join(', ');
  return title && all.filter((each) => each.splits.join(', ') === title).length === 1 ? title : stream.name;
}
