/** What the model says now where it said something else before. */
import { inkOn } from '../charts/colors.js';
import { choosePair, pair } from '../state/comparing.js';
import { isDark } from '../state/theme.js';
import { useSize } from '../widgets/hooks.js';
import { brief, count } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Comparison['moved'][number]} Moved */

const NAMES = 116;
const MOST = 24;
const LETTER = 6.6;
const LEAST = { width: 16, height: 18 };
const LARGEST = { width: 92, height: 80 };
const STRAIGHT_HEAD = 22;
const MOST_HEAD = 86;
const UNDER = 40;

/** @param {{moved: Moved[], classes: string[]}} props */
export function MovedMatrix({ moved, classes }) {
  const [ref, size] = useSize();
  const touched = new Set(moved.flatMap((each) => [each.before, each.after]));
  const known = classes.filter((name) => touched.has(name));
  const names = [...known, ...[...touched].filter((name) => !known.includes(name))].slice(0, MOST);
  const cells = new Map(moved.map((each) => [`${each.before}\n${each.after}`, each]));
  const most = Math.max(1, ...moved.map((each) => each.samples));
  const { width, height, head, isLeaning } = layoutOf(names, size);
  return html`<figure class="pane"><figcaption><b>What moved</b><span class="row dim">from row to column of the prediction</span>
    <span class="dim number">${count(moved.reduce((sum, each) => sum + each.samples, 0))}</span></figcaption>
    <div class="matrix-room" ref=${ref}>${
      moved.length === 0
        ? html`<p class="dim">No prediction changed.</p>`
        : html`<table class=${`matrix movedmatrix ${isLeaning ? 'is-leaning' : ''}`}><thead><tr>
      <th class="dim corner" style=${{ width: `${NAMES}px`, height: `${head}px` }}>before ↓ now →</th>
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

/** @param {string[]} names @param {{width: number, height: number}} size names that are wider than their column lean */
function layoutOf(names, size) {
  const many = Math.max(names.length, 1);
  const longest = Math.max(1, ...names.map((name) => name.length)) * LETTER;
  const room = size.width - NAMES - 32;
  const isLeaning = longest > Math.min(LARGEST.width, room / many);
  const head = isLeaning ? Math.min(MOST_HEAD, longest * Math.SQRT1_2 + 12) : STRAIGHT_HEAD;
  return {
    isLeaning,
    head,
    width: Math.max(LEAST.width, Math.min(LARGEST.width, (room - (isLeaning ? head - 12 : 0)) / many)),
    height: Math.max(LEAST.height, Math.min(LARGEST.height, (size.height - head - UNDER) / many)),
  };
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
