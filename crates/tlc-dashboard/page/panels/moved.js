/** What the model says now where it said something else before. */
import { inkOn } from '../charts/colors.js';
import { isDark } from '../state/theme.js';
import { useSize } from '../widgets/hooks.js';
import { brief, count } from '../widgets/format.js';
import { html } from '../widgets/html.js';

/** @typedef {import('../state/types.js').Comparison['moved'][number]} Moved */

const NAMES = 116;
const MOST = 24;

/** @param {{moved: Moved[], classes: string[]}} props */
export function MovedMatrix({ moved, classes }) {
  const [ref, size] = useSize();
  const touched = new Set(moved.flatMap((each) => [each.before, each.after]));
  const known = classes.filter((name) => touched.has(name));
  const names = [...known, ...[...touched].filter((name) => !known.includes(name))].slice(0, MOST);
  const cells = new Map(moved.map((each) => [`${each.before}\n${each.after}`, each]));
  const most = Math.max(1, ...moved.map((each) => each.samples));
  const width = Math.max(16, Math.min(92, (size.width - NAMES - 24) / Math.max(names.length, 1)));
  const height = Math.max(18, Math.min(80, (size.height - 60) / Math.max(names.length, 1)));
  return html`<figure class="pane"><figcaption><b>What moved</b><span class="row dim">from row to column of the prediction</span>
    <span class="dim number">${count(moved.reduce((sum, each) => sum + each.samples, 0))}</span></figcaption>
    <div class="matrix-room" ref=${ref}>${
      moved.length === 0
        ? html`<p class="dim">No prediction changed.</p>`
        : html`<table class="matrix"><tbody>
      ${names.map(
        (
          before,
        ) => html`<tr key=${before}><th scope="row"><span class="cut"
          style=${{ width: `${NAMES}px`, display: 'block', paddingRight: '8px', textAlign: 'right' }}>${before}</span></th>
        ${names.map((after) => html`<${Cell} key=${after} moved=${cells.get(`${before}\n${after}`)} isSame=${before === after}
          most=${most} width=${width} height=${height} />`)}</tr>`,
      )}
      <tr><th class="dim corner">now</th>${names.map((name) => html`<th key=${name} scope="col" class="dim"
        title=${name}>${name.slice(0, Math.max(1, Math.floor(width / 7.5)))}</th>`)}</tr>
    </tbody></table>
    <p class="dim legend"><i class="key good" /> more newly right <i class="key bad" /> more newly wrong <i class="key" /> neither</p>`
    }</div></figure>`;
}

/** @param {{moved: Moved | undefined, isSame: boolean, most: number, width: number, height: number}} props */
function Cell({ moved, isSame, most, width, height }) {
  const style = { width: `${width - 2}px`, height: `${height - 2}px`, lineHeight: `${height - 2}px` };
  if (!moved) return html`<td><span class=${`moved ${isSame ? 'is-same' : ''}`} style=${style} /></td>`;
  const { before, after, samples, newly_right: right, newly_wrong: wrong } = moved;
  const color = right > wrong ? '--good' : wrong > right ? '--wrong' : '--dim';
  const share = Math.round((0.15 + 0.65 * Math.sqrt(samples / most)) * 100);
  isDark.value;
  const title = `${before} → ${after}: ${count(samples)} samples, ${count(right)} newly right, ${count(wrong)} newly wrong`;
  return html`<td><span class="moved" title=${title}
    style=${{ ...style, background: `color-mix(in srgb, var(${color}) ${share}%, var(--paper))`, color: inkOn(color, share / 100) }}>${brief(samples).length * 8 < width ? brief(samples) : ''}</span>
    </td>`;
}
