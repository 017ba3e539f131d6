/** All keys. */
import { help } from '../state/help.js';
import { KEYS } from '../state/keys.js';
import { session } from '../state/catalog.js';
import { Dialog } from '../widgets/basics.js';
import { html } from '../widgets/html.js';

export function Help() {
  if (!help.value) return null;
  const about = session.value.value;
  return html`<${Dialog} title="Keys" wide onClose=${() => {
    help.value = false;
  }}>
    <div class="keys">${KEYS.map(
      ([room, keys]) => html`<section key=${room}><h3>${room}</h3>
      <dl>${keys.map(([key, does]) => html`<div key=${key}>
        <dt>${key.split(' ').map((part) => (['or', '…'].includes(part) ? html` ${part} ` : html`<kbd>${part.replace(/,$/, '')}</kbd> `))}</dt>
        <dd>${does}</dd></div>`)}</dl>
    </section>`,
    )}</div>
    ${about && html`<footer class="dim">tlc ${about.version} over ${about.root}${about.read_only ? ', read only' : ''}</footer>`}
  <//>`;
}
