/** The first room: all projects. With one project, its runs are the first room. */
import { useEffect } from 'preact/hooks';
import { projects, session } from '../state/catalog.js';
import { go, href } from '../state/url.js';
import { Empty, Failure } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Bar } from './bar.js';

export const FIRST_RUN = `use tlc::prelude::*;

let run = tlc::init("my-project")?;
let rows = [train.to_samples("train")?, valid.to_samples("valid")?];

let result = training
    .log_to(&run, "my-project")?
    .collect(MyBatcher, &rows, Classification::new(CLASSES))
    .launch(learner)?;
run.close()?;`;

export function Projects() {
  const { value, error } = projects.value;
  const only = value?.length === 1 ? value[0].id : null;
  useEffect(() => {
    if (only) go(['project', only, 'runs']);
  }, [only]);
  return html`<div class="room"><${Bar} />
    <main class="page">
      <${Failure} error=${error} onAgain=${projects.again} />
      ${
        value?.length === 0 &&
        html`<${Empty} title="Projects will be here" lines=${FIRST_RUN}>
        <p>There is none in <code>${session.value.value?.root ?? '…'}</code> yet. A training program makes one: these lines collect the loss, the prediction and the confidence of every sample after every epoch. This page shows it while it trains.</p>
      <//>`
      }
      ${
        value &&
        value.length > 1 &&
        html`<table class="list"><thead><tr><th>project</th><th class="number">runs</th><th class="number">tables</th></tr></thead>
        <tbody>${value.map(
          (each) => html`<tr key=${each.id} onClick=${() => go(['project', each.id, 'runs'])}>
          <td><a href=${href(['project', each.id, 'runs'])}>${each.name}</a></td>
          <td class="number">${count(each.runs)}</td><td class="number">${count(each.tables)}</td></tr>`,
        )}</tbody></table>`
      }
    </main></div>`;
}
