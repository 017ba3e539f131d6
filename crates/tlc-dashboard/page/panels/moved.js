/** What the model says now where it said something else before. */
import { inkOn } from '../charts/colors.js';
import { headsOf } from '../charts/heads.js';
import { choosePair, pair } from '../state/comparing.js';
import { isDark } from '../state/theme.js';
import { useSize } from '../widgets/hooks.js';
import { brief, count } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Comparison['moved'][number]} Moved */

const NAMES = 116;
const MOST = 24;
const LEAST = { width: 16, height: 18 };
const LARGEST = { width: 92, height: 80 };
const UNDER = 40;

/** @param {{moved: Moved[], classes: string[]}} props */
export function MovedMatrix({ moved, classes }) {
  const [ref, size] = useSize();
  const touched = new Set(moved.flatMap((each) => [each.before, each.after]));
  const known = classes.filter((name) => touched.has(name));
  const names = [...known, ...[...touched].filter((name) => !known.includes(name))].slice(0, MOST);
  const cells = new Map(moved.map((each) => [`${each.before}\n${each.after}`, each]));
  const most = Math.max(1, ...moved.map((each) => each.samples));
  const heads = headsOf(names, size.width - NAMES - 32, LARGEST.width);
  const width = Math.max(LEAST.width, heads.width);
  const height = Math.max(LEAST.height, Math.min(LARGEST.height, (size.height - heads.height - UNDER) / Math.max(names.length, 1)));
  return html`<figure class="pane"><figcaption><b>What moved</b><span class="row dim">from row to column of the prediction</span>
    <span class="dim number">${count(moved.reduce((sum, each) => sum + each.samples, 0))}</span></figcaption>
    <div class="matrix-room" ref=${ref}>${
      moved.length === 0
        ? html`<p class="dim">No prediction changed.</p>`
        : html`<table class=${`matrix movedmatrix ${heads.isLeaning ? 'is-leaning' : ''}`}><thead><tr>
      <th class="dim corner" style=${{ width: `${NAMES}px`, height: `${heads.height}px` }}>before ↓ now →</th>
      ${names.map((name) => html`<th key=${name} scope="col" class="dim" title=${name} style=${{ width: `${width}px` }}><span>${name}</span></th>`)}
    </tr></thead><tbody>${names.map(
      (before) => html`<tr key=${before}><th scope="row" title=${before}><span class="cut">${before}</span></th>
        ${names.map(
          (after) => html`<${Cell} key=${after} moved=${cells.get(`${before}\n${after}`)} isSame=${before === after}
          most=${most} width=${width} height=${height} />`,
        )}</tr>`,
    )}</tbody></table>
    <p class="dim legend"><i class="key good" /> more newly right <i class="key bad" /> more newly wrong <i class="key" /> neither</p>`
    }</div></figure>`;
}

/** @param {{moved: Moved | undefined, isSame: boolean, most: number, width: number, height: number}} props a click lists its samples */
function Cell({ moved, isSame, most, width, height }) {
  const style = { width: `${width - 2}px`, height: `${height - 2}px` };
  if (!moved) return html`<td><span class=${`moved ${isSame ? 'is-same' : ''}`} style=${style} /></td>`;
  const { before, after, samples, newly_right: right, newly_wrong: wrong } = moved;
  const color = right > wrong ? '--good' : wrong > right ? '--wrong' : '--dim';
  const share = Math.round((0.15 + 0.65 * Math.sqrt(samples / most)) * 100);
  isDark.value;
  const isOn = pair.value?.[0] === before && pair.value?.[1] === after;
  const title = `${before} → ${after}: ${count(samples)} samples, ${count(right)} newly right, ${count(wrong)} newly wrong`;
  return html`<td><button type="button" class=${`moved ${isOn ? 'is-on' : ''}`} title=${title} aria-label=${title} aria-pressed=${isOn}
    onClick=${() => choosePair(before, after)} style=${{ ...style, background: `color-mix(in srgb, var(${color}) ${share}%, var(--paper))`, color: inkOn(color, share / 100) }}>${
      brief(samples).length * 8 < width ? brief(samples) : ''
    }</button></td>`;
}
