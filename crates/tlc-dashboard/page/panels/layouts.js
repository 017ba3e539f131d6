/** Embeddings that have no layout yet, and how far one is that is being made. */
import { layOut, missing, work } from '../state/layouts.js';
import { columnOf } from '../state/view.js';
import { closeMenu } from '../widgets/basics.js';
import { titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Progress } from '../widgets/progress.js';

/** What a menu of charts offers beside what there is. */
export const LayoutChoices = () =>
  missing.value.map(
    (layout) => html`<button type="button" key=${`${layout.column} ${layout.dimensions}`} disabled=${work.running.value !== null}
    onClick=${(/** @type {Event} */ event) => {
      closeMenu(event);
      layOut(layout);
    }}><span class="grow">Lay out ${titleOf(/** @type {any} */ (columnOf(layout.column)))}${layout.dimensions === 3 ? ' in 3D' : ''}</span>
    <span class="dim">by UMAP, so that like samples are near; kept in the run</span></button>`,
  );

export function LayoutWork() {
  const running = work.running.value;
  const error = work.error.value;
  if (error)
    return html`<p class="notes wrong" role="alert">${error} <button type="button" class="link" onClick=${() => {
      work.error.value = null;
    }}>close</button></p>`;
  if (!running) return null;
  return html`<div class="notes row"><span class="dim">Laying out</span>
    <${Progress} stage=${running.stage ?? ''} part=${running.part ?? 0} label="laying out" onCancel=${work.cancel} /></div>`;
}
