/** What can be done to rows: to those that are selected, or to all that match. */
import * as actions from '../state/actions.js';
import { canWriteLabel, canWriteWeight } from '../state/edits.js';
import { matching } from '../state/rows.js';
import { clearSelected, isLarge, notInLink, selectedRows } from '../state/selection.js';
import { columnOf, defaults } from '../state/view.js';
import { Menu, closeMenu } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';

export function Actions() {
  const chosen = selectedRows.value.length;
  const { label, predicted } = defaults.value;
  const canAccept = canWriteLabel.value && Boolean(predicted);
  const classes = columnOf(label)?.classes ?? [];
  return html`
    ${
      chosen > 0 &&
      html`<button type="button" class="link"
      title=${`clear the selection (x)${isLarge.value ? '; a link to this page does not hold it, it is too large' : ''}`}
      onClick=${clearSelected}>${count(chosen)} selected ×</button>`
    }
    ${
      notInLink.value > 0 &&
      html`<button type="button" class="quiet" title="so many do not fit into a link; filters do"
      onClick=${clearSelected}>${count(notInLink.value)} selected, not in this link ×</button>`
    }
    ${
      chosen > 0 &&
      canAccept &&
      html`<button type="button" onClick=${() => actions.acceptPrediction()}>Accept prediction <kbd>a</kbd>
      </button>`
    }
    ${
      chosen > 0 &&
      canWriteLabel.value &&
      html`<${Menu} name=${html`Set label <kbd>l</kbd>`} buttonClass="button labelmenu" align="right">${classes.map(
        (each) =>
          html`<button type="button" key=${each.id} onClick=${(/** @type {Event} */ event) => {
            closeMenu(event);
            actions.setLabel(each.id);
          }}>${each.name}</button>`,
      )}<//>`
    }
    ${
      chosen > 0 &&
      canWriteWeight.value &&
      html`<button type="button" onClick=${() => actions.weightZero()}>Weight 0 <kbd>w</kbd>
      </button>`
    }
    ${
      chosen === 0 &&
      matching.value !== null &&
      matching.value > 0 &&
      (canWriteLabel.value || canWriteWeight.value) &&
      html`<${AllMatching} canAccept=${canAccept}
      classes=${classes} />`
    }
    <button type="button" onClick=${actions.review} disabled=${matching.value === 0}>Review <kbd>r</kbd></button>`;
}

/** @param {{canAccept: boolean, classes: import('../state/types.js').Class[]}} props */
function AllMatching({ canAccept, classes }) {
  const match = count(matching.value ?? 0);
  const act = (/** @type {() => void} */ what) => (/** @type {Event} */ event) => {
    closeMenu(event);
    what();
  };
  return html`<${Menu} name=${html`All ${match} <i class="down" />`} buttonClass="button" align="right"
    label=${`what to do with all ${match} rows`}>
    ${
      canAccept &&
      html`<button type="button"
      onClick=${act(() => actions.acceptPrediction('matching'))}>Accept the prediction of all ${match}</button>`
    }
    ${
      canWriteWeight.value &&
      html`<button type="button"
      onClick=${act(() => actions.weightZero('matching'))}>Weight 0 for all ${match}</button>`
    }
    ${
      canWriteLabel.value &&
      html`<h3>Label of all ${match}</h3>${classes.slice(0, 100).map(
        (each) => html`<button type="button" key=${each.id}
      onClick=${act(() => actions.setLabel(each.id, 'matching'))}>${each.name}</button>`,
      )}`
    }
  <//>`;
}
