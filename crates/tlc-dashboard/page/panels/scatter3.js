/** The points of three columns, which one goes around. */
import { HANDS, Points3 } from '../charts/points3.js';
import { triples } from '../state/chartkinds.js';
import { html } from '../widgets/html.js';
import { ColorPick, Places, Scale, hover, press, ringed, useCloud } from './cloud.js';
import { Pane } from './pane.js';

/** @typedef {import('../state/chartkinds.js').Points3Chart} Points3Chart */

/** @param {{chart: Points3Chart, onChange: (next: Points3Chart) => void, frame: import('./pane.js').Frame}} props */
export function Scatter3({ chart, onChange, frame }) {
  const { x, y, z, color, size = null } = chart;
  const places = [x, y, z];
  const { drawn, of, error, note } = useCloud({ places, color, size });
  const title = places.join(' × ');
  const name = commonName(places);
  const groups = triples.value.map((each) => ({ title: commonName(each) ?? each.join(' × '), places: each }));
  const onPlaces = (/** @type {{places?: string[], size?: string | null}} */ next) => {
    const [a, b, c] = next.places ?? places;
    onChange({ ...chart, x: a, y: b, z: c, size: next.size === undefined ? size : next.size });
  };
  const tools = html`<${Places} name=${name ?? title} title=${title} axes=${['x', 'y', 'z']} places=${places} groups=${groups}
      size=${size} onChange=${onPlaces} />
    <${ColorPick} value=${color} onChoose=${(/** @type {string | null} */ next) => onChange({ ...chart, color: next })} />`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    <div class="fill">${
      drawn &&
      html`<${Points3} drawn=${drawn} names=${name ? ['x', 'y', 'z'] : places} ringed=${ringed(drawn.places[0].length)}
        label=${`${note} points of ${x}, ${y} and ${z}, coloured by ${color ?? 'nothing'}`} onHover=${hover} onClick=${press} />`
    }
      <div class="corner dim" title=${HANDS}>drag turns</div>
      ${of && html`<${Scale} of=${of} size=${size} />`}
    </div><//>`;
}

/** @param {string[]} places @returns {string | null} `umap.x`, `umap.y` and `umap.z` are umap */
function commonName(places) {
  const names = places.map((place, at) => (place.endsWith(`.${'xyz'[at]}`) ? place.slice(0, -2) : null));
  return names[0] !== null && names.every((each) => each === names[0]) ? names[0] : null;
}
