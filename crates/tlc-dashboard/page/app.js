/** The page: which room is shown is what the address says. */
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { answered } from './api.js';
import { CommitDialog } from './panels/commit.js';
import { Compare } from './panels/compare.js';
import { Help } from './panels/help.js';
import { Projects } from './panels/projects.js';
import { Review } from './panels/review.js';
import { Runs } from './panels/runs.js';
import { Samples } from './panels/samples.js';
import { Tables } from './panels/tables.js';
import { Toast } from './panels/toast.js';
import { help } from './state/help.js';
import { listen } from './state/live.js';
import { toggleTheme } from './state/theme.js';
import { path } from './state/url.js';
import { runOfView } from './state/view.js';
import { project } from './state/catalog.js';
import { useKeys } from './widgets/hooks.js';
import { html } from './widgets/html.js';

function App() {
  useKeys({
    '?': () => {
      help.value = true;
    },
    d: toggleTheme,
  });
  const title = [runOfView.value.value?.name, project.value?.name, 'tlc'].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  return html`<${Room} /><${Toast} /><${CommitDialog} /><${Help} />`;
}

function Room() {
  const [room, , part] = path.value;
  switch (room) {
    case 'project':
      return part === 'tables' ? html`<${Tables} />` : html`<${Runs} />`;
    case 'compare':
      return html`<${Compare} />`;
    case 'samples':
      return html`<${Samples} />`;
    case 'review':
      return html`<${Review} />`;
    default:
      return html`<${Projects} />`;
  }
}

/** What is asked first is mostly there before anything could be drawn in its place. */
const AT_MOST_MS = 60;

const start = () => render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')));

listen();
Promise.race([answered(), new Promise((resolve) => setTimeout(resolve, AT_MOST_MS))]).then(start);
