/** Points without WebGL2: a sample of them, as squares. */
import { applied } from './camera.js';

const MOST = 40_000;

/**
 * The same promises as `glPoints`, slower and with fewer points.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {import('./webgl.js').Painter}
 */
export function flatPoints(canvas) {
  /** @type {Float32Array[]} */
  let places = [];
  /** @type {Uint8Array} */
  let colors = new Uint8Array();
  /** @type {Uint8Array} */
  let marks = new Uint8Array();
  /** @type {Uint8Array | null} */
  let sizes = null;
  return {
    setPlaces(next) {
      places = next;
    },
    setColors(rgba) {
      colors = rgba;
    },
    setMarks(next) {
      marks = next;
    },
    setSizes(next) {
      sizes = next;
    },
    draw({ matrix, away, isDeep }, pens, step) {
      const context = canvas.getContext('2d');
      if (!context) return;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const points = places[0]?.length ?? 0;
      const stride = Math.max(step, Math.ceil(points / MOST));
      /** @type {{row: number, x: number, y: number, w: number}[]} */
      const drawn = [];
      for (let row = 0; row < points; row += stride) {
        const [x, y, w] = applied(matrix, places[0][row], places[1][row], places[2]?.[row] ?? 0);
        if (Number.isFinite(x + y)) drawn.push({ row, x, y, w });
      }
      if (isDeep) drawn.sort((a, b) => b.w - a.w);
      pens.forEach((pen, turn) => {
        if (!pen) return;
        context.globalAlpha = pen.alpha;
        for (const { row, x, y, w } of drawn) {
          const bits = marks[row] ?? 1;
          const own = (bits & 1) === 0 ? 0 : (bits & 2) === 2 ? 2 : 1;
          if (own !== turn) continue;
          const side = (pen.size * (sizes ? 0.5 + (2.5 * sizes[row]) / 255 : 1) * away) / w;
          context.fillStyle = `rgb(${colors[row * 4]},${colors[row * 4 + 1]},${colors[row * 4 + 2]})`;
          context.fillRect(((x + 1) / 2) * canvas.width - side / 2, ((1 - y) / 2) * canvas.height - side / 2, side, side);
        }
      });
      context.globalAlpha = 1;
    },
    done: async () => {},
    destroy() {},
  };
}
