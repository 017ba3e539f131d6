/** Runs of a project: the list at the left, their curves at the right. */
import { useEffect } from 'preact/hooks';
import { project, projectId, runs, series, wantSeries } from '../state/catalog.js';
import { drawn, focused, focusRun, listed, toggleTick } from '../state/runlist.js';
import { go, href } from '../state/url.js';
import { Empty, Failure } from '../widgets/basics.js';
import { useKeys } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { Splitter } from '../widgets/splitter.js';
import { Bar } from './bar.js';
import { Curves } from './curves.js';
import { FIRST_RUN } from './projects.js';
import { RunCard, samplesOf } from './runcard.js';
import { RunTable, compareTicked } from './runtable.js';

/** @param {'runs' | 'tables'} here @returns {any[]} */
export const projectTabs = (here) => {
  const now = project.value;
  const id = projectId.value ?? '';
  return [
    { name: 'Runs', count: now?.runs, href: href(['project', id, 'runs']), isHere: here === 'runs' },
    { name: 'Tables', count: now?.tables, href: href(['project', id, 'tables']), isHere: here === 'tables' },
  ];
};

export function Runs() {
  const { value, error } = runs.value;
  const ids = drawn.value.map((run) => run.id).join(',');
  useEffect(() => wantSeries(ids.split(',').filter(Boolean)), [ids, series.value]);
  useKeys({
    arrowdown: () => moveFocus(1),
    arrowup: () => moveFocus(-1),
    space: () => focused.value && toggleTick(focused.value.id),
    enter: () => focused.value && go(...samplesOf(focused.value)),
    'shift+c': () => compareTicked(),
  });
  return html`<div class="room"><${Bar} tabs=${projectTabs('runs')} />
    <${Failure} error=${error} onAgain=${runs.again} />
    ${
      error && !value
        ? html`<main class="page"><${Empty} title="Not here"><a class="button" href="#/">All projects</a><//></main>`
        : value?.length === 0
          ? html`<main class="page"><${Empty} title="Runs will be here" lines=${FIRST_RUN}>
            <p>This project has none yet. A training program that starts with these lines shows here as soon as it does, with its curves while it trains.</p>
            <//></main>`
          : html`<main class="runs">
        <section class="left" aria-label="runs"><${RunTable} />${focused.value && html`<${RunCard} run=${focused.value} />`}</section>
        <${Splitter} name="--runs-width" least=${320} most=${960} />
        <${Curves} />
      </main>`
    }
  </div>`;
}

/** @param {number} by */
function moveFocus(by) {
  const at = listed.value.findIndex((run) => run.id === focused.value?.id);
  const next = listed.value[Math.min(Math.max(at + by, 0), listed.value.length - 1)];
  if (next) focusRun(next.id);
}
