/** A canvas of points, on WebGL2 where there is one, and how they look. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { quiet } from '../api.js';
import { isDark } from '../state/theme.js';
import { html } from '../widgets/html.js';
import { css, rgb } from './colors.js';
import { flatPoints } from './flatpoints.js';
import { glPoints } from './webgl.js';

const MANY = 200_000;
const SETTLED_MS = 160;
/** A drawing that takes longer holds up what else changes with the same rows, so it waits until that is there. */
const SLOW_MS = 25;
const ANSWERED_MS = 100;
/** Where drawing all points takes longer than this, as without a graphics card, some of them are drawn. */
const MOST_DRAW_MS = 1200;

/**
 * What points are, and which of them are meant.
 *
 * @typedef {object} Drawn
 * @property {Float32Array[]} places
 * @property {Uint8Array} colors RGBA of each
 * @property {Uint8Array} marks bit 0 matching, bit 1 selected, bits 2 and 3 the shape
 * @property {Uint8Array | null} sizes from 0 to 255
 * @property {boolean} isFiltered
 * @property {number} matching how many match
 * @property {number} chosen how many are selected
 */

/** @param {{drawn: Drawn, size: {width: number, height: number}, placement: import('./webgl.js').Placement, isMoving: boolean}} props `isMoving`: a sample of many is enough */
export function PointCanvas({ drawn, size, placement, isMoving }) {
  const { places, colors, marks, sizes } = drawn;
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const painter = useRef(/** @type {import('./webgl.js').Painter | null} */ (null));
  const frame = useRef(0);
  const settling = useRef(0);
  const whole = useRef(/** @type {Drawn | null} */ (null));
  const pointMs = useRef(0);
  const wholeMs = useRef(0);
  const dueMs = useRef(/** @type {number | null} */ (null));
  const [everyStep, setStep] = useState(1);
  const [isFlat, setFlat] = useState(false);
  const [{ length }] = places;
  const isReady = size.width >= 8 && colors.length >= length * 4 && marks.length >= length;

  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const element = canvas.current;
    const onLost = () => setFlat(true);
    painter.current = isFlat ? flatPoints(element) : glPoints(element);
    if (!painter.current) setFlat(true);
    element.addEventListener('webglcontextlost', onLost);
    return () => {
      element.removeEventListener('webglcontextlost', onLost);
      painter.current?.destroy();
    };
  }, [isFlat]);
  useEffect(() => painter.current?.setPlaces(places), [places, isFlat]);
  useEffect(() => painter.current?.setColors(colors), [colors, isFlat]);
  useEffect(() => painter.current?.setMarks(marks), [marks, isFlat]);
  useEffect(() => painter.current?.setSizes(sizes), [sizes, isFlat]);
  const draw = (/** @type {number} */ step) => {
    if (!canvas.current) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.current.width !== width || canvas.current.height !== height) Object.assign(canvas.current, { width, height });
    painter.current?.draw(placement, pens(drawn, placement.isDeep, ratio, size), step);
  };
  const drawAll = async () => {
    const step = Math.max(1, Math.ceil((length * pointMs.current) / MOST_DRAW_MS));
    const started = performance.now();
    draw(step);
    whole.current = drawn;
    setStep(step);
    await painter.current?.done();
    wholeMs.current = performance.now() - started;
  };
  const drawSome = async () => {
    const step = Math.ceil(length / MANY);
    draw(step);
    const started = performance.now();
    await painter.current?.done();
    pointMs.current = (performance.now() - started) / (length / step);
  };
  useEffect(() => {
    cancelAnimationFrame(frame.current);
    clearTimeout(settling.current);
    if (!isReady) return undefined;
    // Of many that are new a sample first, and all once counts and rows, too, are there.
    const isSampled = length > MANY && (isMoving || whole.current !== drawn);
    let isOver = false;
    const begin = () => {
      frame.current = requestAnimationFrame(async () => {
        dueMs.current = null;
        if (!isSampled) return drawAll();
        await drawSome();
        await quiet();
        if (!isMoving && !isOver) settling.current = window.setTimeout(drawAll, SETTLED_MS);
      });
    };
    const isSlow = isSampled || wholeMs.current > SLOW_MS;
    if (isSlow && !isMoving && whole.current !== null) {
      // While something is dragged the next change comes before, and does not put this off.
      dueMs.current ??= performance.now() + ANSWERED_MS;
      settling.current = window.setTimeout(begin, Math.max(0, dueMs.current - performance.now()));
    } else begin();
    return () => {
      isOver = true;
      clearTimeout(settling.current);
    };
  }, [drawn, placement, size.width, size.height, isMoving, isDark.value, isFlat]);
  return html`<canvas key=${isFlat ? 'flat' : 'gl'} ref=${canvas} />
    ${everyStep > 1 && !isFlat && html`<div class="hint">One in ${everyStep} points is drawn: all would take this browser too long.</div>`}
    ${isFlat && html`<div class="hint">Drawn without WebGL2: up to 40,000 points.</div>`}`;
}

/** @returns {[boolean, () => void]} whether something moved a moment ago, and what says that it moves */
export function useMoving() {
  const [isMoving, setMoving] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const move = () => {
    clearTimeout(timer.current);
    setMoving(true);
    timer.current = window.setTimeout(() => setMoving(false), SETTLED_MS);
  };
  return [isMoving, move];
}

/**
 * How points look: out of the filters, in them, selected. Few points are large.
 *
 * @param {Drawn} drawn @param {boolean} isDeep @param {number} ratio @param {{width: number, height: number}} size
 * @returns {import('./webgl.js').Pens}
 */
function pens({ places: [{ length }], isFiltered, matching, chosen }, isDeep, ratio, size) {
  const room = Math.sqrt((size.width * size.height) / Math.max(length, 1));
  const small = Math.min(6, Math.max(1.5, room * 0.55)) * ratio;
  const clear = isFiltered && matching < 3000 ? Math.max(small, 7 * ratio) : small;
  const paper = rgb(css('--paper')).map((each) => each / 255);
  const ink = rgb(css('--ink')).map((each) => each / 255);
  const isRimmed = clear > 5 * ratio;
  return [
    isFiltered ? { size: Math.max(small * 0.8, 1.5 * ratio), alpha: isDark.value ? 0.22 : 0.16, edge: [0, 0, 0, 0] } : null,
    {
      size: clear,
      alpha: isDeep ? 1 : isFiltered ? 0.95 : length > 20_000 ? 0.6 : 0.8,
      edge: [paper[0], paper[1], paper[2], isRimmed ? 0.8 : 0],
    },
    chosen > 0 ? { size: Math.max(small * 1.6, 9 * ratio), alpha: 1, edge: [ink[0], ink[1], ink[2], 1] } : null,
  ];
}
