/** A line so small that it stands beside text. */
import { digits } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/**
 * @param {{points: [number, number | null][], at?: number | null, width?: number, height?: number, label: string}} props `at`: the x that is marked
 */
export function Spark({ points, at = null, width = 120, height = 28, label }) {
  const known = /** @type {[number, number][]} */ (points.filter((point) => typeof point[1] === 'number' && Number.isFinite(point[1])));
  if (known.length === 0) return html`<svg class="spark" width=${width} height=${height} role="img" aria-label=${label} />`;
  const xs = known.map((point) => point[0]);
  const ys = known.map((point) => point[1]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const x = (/** @type {number} */ value) => 3 + ((value - left) / (right - left || 1)) * (width - 6);
  const y = (/** @type {number} */ value) => height - 3 - ((value - low) / (high - low || 1)) * (height - 6);
  const marked = known.find((point) => point[0] === at);
  return html`<svg class="spark" width=${width}
    height=${height} viewBox=${`0 0 ${width} ${height}`} role="img"
    aria-label=${`${label}: ${digits(known[0][1])} to ${digits(known[known.length - 1][1])}`}>
    <title>${known.map((point) => `${point[0]}: ${digits(point[1])}`).join('\n')}</title>
    <polyline points=${known.map((point) => `${x(point[0]).toFixed(1)},${y(point[1]).toFixed(1)}`).join(' ')} />
    ${(marked || known.length === 1) && html`<circle cx=${x((marked ?? known[0])[0])} cy=${y((marked ?? known[0])[1])} r="2.5" />`}
  </svg>`;
}
