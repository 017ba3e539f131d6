/** Points in three dimensions: an eye that goes around them, nearer and farther, and the point under the pointer. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isDark } from '../state/theme.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { AT_FIRST, AWAY, approached, extentsOf, eyeMatrix, orbited, screenOf } from './camera.js';
import { prepare } from './canvas.js';
import { css, rgb } from './colors.js';
import { drawCube, drawRings } from './overlay.js';
import { PointCanvas } from './pointcanvas.js';
import { useHands } from './pointhands.js';

const HAZE = 0.45;
const RADIANS_A_PIXEL = 0.008;
const KEY_ANGLE = Math.PI / 24;
const KEY_STEP = 0.1;
/** What one can do, in words. */
export const HANDS =
  'Drag or arrow keys: around. With shift: aside. Wheel or + and −: nearer and farther. 0 or double click: as at first. A lasso needs two dimensions: see Points.';

/**
 * @param {object} props
 * @param {import('./pointcanvas.js').Drawn} props.drawn
 * @param {string[]} props.names of the axes
 * @param {number[]} props.ringed rows with a ring
 * @param {string} props.label
 * @param {(row: number | null, x: number, y: number) => void} props.onHover
 * @param {(row: number | null, isAdding: boolean) => void} props.onClick
 */
export function Points3(props) {
  const { drawn, names, ringed, label } = props;
  const { places } = drawn;
  const [ref, size] = useSize();
  const under = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const over = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [eye, setEye] = useState(AT_FIRST);
  const extents = useMemo(() => extentsOf(places), [places]);
  const paper = css('--paper');
  const placement = useMemo(() => {
    const [r, g, b] = rgb(paper).map((each) => each / 255);
    return {
      matrix: eyeMatrix(eye, extents, size.width / Math.max(size.height, 1)),
      away: AWAY,
      haze: /** @type {[number, number, number, number]} */ ([r, g, b, HAZE]),
      isDeep: true,
    };
  }, [eye, extents, size.width, size.height, paper, isDark.value]);
  const toScreen = screenOf(placement.matrix, size);

  useLayoutEffect(() => {
    if (!under.current || !over.current || size.width < 8) return;
    drawCube(prepare(under.current, size.width, size.height), extents, names, size, toScreen);
    drawRings(
      prepare(over.current, size.width, size.height),
      ringed.map((row) => toScreen(places[0][row], places[1][row], places[2][row])),
    );
  });

  const { isMoving, hands } = useHands({
    ...{ ref, drawn, size, matrix: placement.matrix, view: eye, setView: setEye, onHover: props.onHover, onClick: props.onClick },
    home: AT_FIRST,
    nearer: (before, by, at) => approached(before, by, at.x * 2 - 1, 1 - at.y * 2),
    stepped: (before, x, y, isShifted) =>
      isShifted ? { ...before, x: before.x + x * KEY_STEP, y: before.y - y * KEY_STEP } : orbited(before, x * KEY_ANGLE, y * KEY_ANGLE),
    grip: ({ button, shiftKey }) => (button > 0 || shiftKey ? 'aside' : 'around'),
    dragged({ x, y, view, kind }, at) {
      const [dx, dy] = [at.x - x, at.y - y];
      if (kind === 'around') return orbited(view, dx * RADIANS_A_PIXEL, dy * RADIANS_A_PIXEL);
      return { ...view, x: view.x + (2 * dx) / size.width, y: view.y - (2 * dy) / size.height };
    },
  });
  return html`<div class="points orbit" ref=${ref} role="img" aria-label=${label} tabindex="0" aria-description=${HANDS} ...${hands}
      onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}>
    <canvas key="under" ref=${under} /><${PointCanvas} drawn=${drawn} size=${size} placement=${placement} isMoving=${isMoving} />
    <canvas key="over" ref=${over} />
  </div>`;
}
