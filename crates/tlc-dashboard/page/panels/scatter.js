/** The points of two columns, coloured by a third. */
import { useState } from 'preact/hooks';
import { HANDS, Points } from '../charts/points.js';
import { defaults, filters, setFilters } from '../state/view.js';
import { Choice } from '../widgets/basics.js';
import { pairTitle } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { ColorPick, Places, Scale, hover, press, ringed, useCloud } from './cloud.js';
import { Pane } from './pane.js';

/** @typedef {import('../state/chartkinds.js').PointsChart} PointsChart */
/** @typedef {import('../state/types.js').LassoFilter} LassoFilter */

/** @param {{chart: PointsChart, onChange: (next: PointsChart) => void, frame: import('./pane.js').Frame}} props */
export function Scatter({ chart, onChange, frame }) {
  const [tool, setTool] = useState(/** @type {'lasso' | 'pan'} */ ('lasso'));
  const { x, y, color, size = null } = chart;
  const { drawn, of, error, note } = useCloud({ places: [x, y], color, size });
  const lasso = /** @type {LassoFilter | undefined} */ (
    filters.value.find((each) => each.type === 'lasso' && each.x === x && each.y === y)
  );
  const onLasso = (/** @type {[number, number][]} */ polygon) =>
    setFilters([...filters.peek().filter((each) => each !== lasso), { type: 'lasso', x, y, polygon }]);
  const pairs = defaults.value.points;
  const groups = (pairs.some(([a, b]) => a === x && b === y) ? pairs : [[x, y], ...pairs]).map(([a, b]) => ({
    title: pairTitle(a, b),
    places: [a, b],
  }));
  const onPlaces = (/** @type {{places?: string[], size?: string | null}} */ next) =>
    onChange({ ...chart, ...(next.places ? { x: next.places[0], y: next.places[1] } : { size: next.size }) });
  const name = pairTitle(x, y);
  const tools = html`<${Places} name=${name} title=${`${x} × ${y}`} axes=${['x', 'y']} places=${[x, y]} groups=${groups}
      size=${size} onChange=${onPlaces} />
    <${ColorPick} value=${color} onChoose=${(/** @type {string | null} */ name) => onChange({ ...chart, color: name })} />`;
  return html`<${Pane} frame=${frame} tools=${tools} note=${note} error=${error}>
    <div class="fill">${
      drawn &&
      html`<${Points} drawn=${drawn} tool=${tool} ringed=${ringed(drawn.places[0].length)} lasso=${lasso?.polygon ?? null} names=${x.startsWith(name) ? null : [x, y]}
        label=${`${note} points of ${x} and ${y}, coloured by ${color ?? 'nothing'}`} onLasso=${onLasso} onHover=${hover} onClick=${press} />`
    }
      <div class="corner" title=${HANDS}><${Choice} label="what dragging does" value=${tool} choices=${[
        ['lasso', 'lasso'],
        ['pan', 'pan'],
      ]} onChoose=${setTool} /></div>
      ${of && html`<${Scale} of=${of} size=${size} />`}
    </div><//>`;
}
