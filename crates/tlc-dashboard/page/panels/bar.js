/** The bar on top: where one is, where one can go. */
import { isLive } from '../state/live.js';
import { project, projects } from '../state/catalog.js';
import { isDark, toggleTheme } from '../state/theme.js';
import { href } from '../state/url.js';
import { Menu } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { help } from '../state/help.js';

/**
 * @param {{places?: {name: any, href?: string | null}[], tabs?: {name: string, count?: number | null, href: string, isHere: boolean}[], children?: any}} props
 */
export function Bar({ places = [], tabs = [], children }) {
  const here = project.value;
  const others = projects.value.value ?? [];
  return html`<header class="bar">
    <nav class="where" aria-label="where you are">
      <a class="mark" href="#/" title="all projects">tlc</a>
      ${
        here &&
        (others.length > 1
          ? html`<${Menu} name=${html`${here.name} <i class="down" />`} label="another project">
            ${others.map((each) => html`<a key=${each.id} class=${each.id === here.id ? 'is-on' : ''}
              href=${href(['project', each.id, 'runs'])}>${each.name}</a>`)}
          <//>`
          : html`<a class="place" href=${href(['project', here.id, 'runs'])}>${here.name}</a>`)
      }
      ${places.map((each) => html`<span class="slash">/</span>${each.href ? html`<a class="place"
        href=${each.href}>${each.name}</a>` : html`<span class="place is-here">${each.name}</span>`}`)}
    </nav>
    <nav class="tabs" aria-label="rooms">
      ${tabs.map((tab) => html`<a key=${tab.name} href=${tab.href} class=${tab.isHere ? 'is-here' : ''}
        aria-current=${tab.isHere ? 'page' : undefined}>${tab.name}${tab.count !== undefined && tab.count !== null && html` <span class="dim">${count(tab.count)}</span>`}</a>`)}
    </nav>
    <div class="tools">
      ${children}
      ${!isLive.value && html`<span class="dim" title="The server is not heard; what is shown may be old.">offline</span>`}
      <button type="button" class="quiet icon" onClick=${toggleTheme}
        aria-label=${isDark.value ? 'light' : 'dark'} title="dark or light (d)">${isDark.value ? '☀' : '☾'}</button>
      <button type="button" class="quiet icon" onClick=${() => {
        help.value = true;
      }} aria-label="all keys" title="all keys (?)">?</button>
    </div>
  </header>`;
}
