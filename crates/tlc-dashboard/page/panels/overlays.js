/** What is drawn over the images, each with a switch. */
import { isOfModel, overlays, shownOverlays, toggleOverlay } from '../state/overlays.js';
import { Menu } from '../widgets/basics.js';
import { titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';

export function Overlays() {
  const all = overlays.value;
  if (all.length === 0) return null;
  const shown = shownOverlays.value;
  return html`<${Menu} name=${html`over images <span class="dim">${shown.length}/${all.length}</span> <i class="down" />`} align="right"
    label="what is drawn over the images (o: all or none)">${all.map(
      (column) => html`<label class="item" key=${column.name} title=${column.description ?? column.name}><input type="checkbox"
        checked=${shown.includes(column)} onChange=${() => toggleOverlay(column.name)} />${titleOf(column)}
        <span class="dim">${column.shows === 'mask' ? 'mask' : isOfModel(column) ? 'boxes of the model, dashed' : 'boxes'}</span></label>`,
    )}<//>`;
}
