/** Lines over a common axis: one for each run, read all at once where the pointer is. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark } from '../state/theme.js';
import { html } from '../widgets/html.js';
import { useSize } from '../widgets/hooks.js';
import { digits } from '../widgets/format.js';
import { css } from './colors.js';
import { smooth } from './smooth.js';
import { tickText } from './ticks.js';

/** @typedef {{id: string, name: string, color: string, isMain?: boolean, points: [number, number | null][]}} Line */

const FONT = '11px system-ui, sans-serif';
const READ_AT_MOST = 12;

/**
 * @param {object} props
 * @param {Line[]} props.lines
 * @param {string} props.axis
 * @param {string} props.label what is drawn, for those who don't see it
 * @param {number} [props.smoothing]
 * @param {boolean} [props.isLog]
 * @param {string} [props.together] charts of the same name move their cursor together
 */
export function Lines({ lines, axis, label, smoothing = 0, isLog = false, together }) {
  const [ref, size] = useSize();
  const plot = useRef(/** @type {uPlot | null} */ (null));
  const [reading, setReading] = useState(/** @type {Reading | null} */ (null));
  const data = useMemo(() => aligned(lines, smoothing, isLog), [lines, smoothing, isLog]);
  const shape = JSON.stringify([lines.map((line) => [line.id, line.color, line.isMain]), isLog, axis, isDark.value, together]);

  useEffect(() => {
    if (!ref.current || size.width < 40) return undefined;
    const made = new uPlot(options({ lines, axis, isLog, size, together, onRead: setReading }), data, ref.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [shape, size.width < 40]);
  useEffect(() => {
    if (plot.current && size.width >= 40) plot.current.setSize(size);
  }, [size.width, size.height]);
  useEffect(() => {
    const now = plot.current;
    if (!now || now.data === data) return;
    const xs = /** @type {ArrayLike<number>} */ (now.data[0]);
    const isZoomed = xs.length > 1 && (now.scales.x.min !== xs[0] || now.scales.x.max !== xs[xs.length - 1]);
    now.setData(data, !isZoomed);
    if (isZoomed) now.redraw();
  }, [data]);

  return html`<div class="lines" role="img" aria-label=${label} ref=${ref}>
    ${reading && html`<${Tip} reading=${reading} lines=${lines} axis=${axis} width=${size.width} />`}
  </div>`;
}

/** @typedef {{x: number, left: number, top: number, values: (number | null | undefined)[]}} Reading */

/** @param {{reading: Reading, lines: Line[], axis: string, width: number}} props */
function Tip({ reading, lines, axis, width }) {
  const read = lines
    .map((line, place) => ({ line, value: reading.values[place] }))
    .filter((each) => typeof each.value === 'number')
    .sort((a, b) => Number(b.value) - Number(a.value));
  const isLeft = reading.left > width / 2;
  const style = isLeft ? { right: `${width - reading.left + 16}px`, top: '8px' } : { left: `${reading.left + 16}px`, top: '8px' };
  return html`<div class="tip" style=${style}>
    <div class="dim">${axis} ${digits(reading.x)}</div>
    <table>${read.slice(0, READ_AT_MOST).map(
      ({ line, value }) => html`<tr key=${line.id} class=${line.isMain ? 'is-main' : ''}>
      <td><i class="swatch" style=${{ background: line.color }} /></td><td class="name">${line.name}</td>
        <td class="number">${digits(Number(value))}</td>
    </tr>`,
    )}</table>
    ${read.length > READ_AT_MOST && html`<div class="dim">and ${read.length - READ_AT_MOST} more</div>`}
    ${read.length === 0 && html`<div class="dim">no value here</div>`}
  </div>`;
}

/**
 * @param {Line[]} lines @param {number} smoothing @param {boolean} isLog
 * @returns {uPlot.AlignedData} all lines over one axis; uPlot wants at least one
 */
function aligned(lines, smoothing, isLog) {
  const tables = lines.map(
    (line) =>
      /** @type {uPlot.AlignedData} */ ([
        line.points.map((point) => point[0]),
        smooth(
          line.points.map((point) => (isLog && point[1] !== null && point[1] <= 0 ? null : point[1])),
          smoothing,
        ),
      ]),
  );
  return tables.length ? uPlot.join(tables) : [[], []];
}

/**
 * @param {{lines: Line[], axis: string, isLog: boolean, size: {width: number, height: number}, together?: string, onRead: (reading: Reading | null) => void}} props
 * @returns {uPlot.Options}
 */
function options({ lines, axis, isLog, size, together, onRead }) {
  const ink = css('--dim');
  const grid = css('--line');
  const isAlone = lines.every((line) => line.points.length < 2);
  return {
    ...size,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: { sync: together ? { key: together } : undefined, drag: { x: true, y: false, setScale: true }, points: { size: 6 }, y: false },
    scales: { x: { time: axis === 'time' }, y: { distr: isLog ? 3 : 1 } },
    axes: [
      {
        stroke: ink,
        font: FONT,
        grid: { show: false },
        ticks: { show: false },
        size: 24,
        gap: 4,
        values: axis === 'time' ? undefined : (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : '')),
      },
      {
        stroke: ink,
        font: FONT,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        size: (_, texts) => 12 + 7 * Math.max(4, ...(texts ?? []).map((text) => text?.length ?? 0)),
        gap: 4,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : tickText(tick))),
      },
    ],
    series: [
      {},
      ...(lines.length ? lines : [null]).map((line) => ({
        label: line?.name ?? '',
        stroke: line?.color,
        width: line?.isMain ? 2.5 : 1.25,
        spanGaps: true,
        points: { show: isAlone, size: 6 },
      })),
    ],
    hooks: {
      setCursor: [(/** @type {uPlot} */ u) => onRead(readAt(u))],
      ready: [(/** @type {uPlot} */ u) => u.over.addEventListener('mouseleave', () => onRead(null))],
    },
  };
}

/** @param {uPlot} u @returns {Reading | null} the values at the pointer, of each line the nearest that it has */
function readAt(u) {
  const at = u.cursor.idx;
  if (at === null || at === undefined || !u.over.matches(':hover')) return null;
  return {
    x: Number(u.data[0][at]),
    left: (u.cursor.left ?? 0) + u.over.offsetLeft,
    top: u.cursor.top ?? 0,
    values: u.data.slice(1).map((values, place) => {
      const near = u.cursor.idxs?.[place + 1] ?? at;
      return near === null ? null : /** @type {any} */ (values)[near];
    }),
  };
}
