/** Points without WebGL2: a sample of them, as squares. */

const MOST = 40_000;

/**
 * The same promises as `glPoints`, slower and with fewer points.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {NonNullable<ReturnType<typeof import('./webgl.js').glPoints>>}
 */
export function flatPoints(canvas) {
  let x = new Float32Array();
  let y = new Float32Array();
  let colors = new Uint8Array();
  let marks = new Uint8Array();
  return {
    setPlaces(nextX, nextY) {
      x = new Float32Array(nextX);
      y = new Float32Array(nextY);
    },
    setColors(rgba) {
      colors = new Uint8Array(rgba);
    },
    setMarks(next) {
      marks = new Uint8Array(next);
    },
    draw({ scale, offset }, pens, step) {
      const context = canvas.getContext('2d');
      if (!context) return;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const stride = Math.max(step, Math.ceil(x.length / MOST));
      pens.forEach((pen, turn) => {
        context.globalAlpha = pen.alpha;
        const half = pen.size / 2;
        for (let at = 0; at < x.length; at += stride) {
          const bits = marks[at] ?? 1;
          const own = (bits & 1) === 0 ? 0 : (bits & 2) === 2 ? 2 : 1;
          if (own !== turn || !Number.isFinite(x[at] + y[at])) continue;
          const px = ((x[at] * scale[0] + offset[0] + 1) / 2) * canvas.width;
          const py = ((1 - (y[at] * scale[1] + offset[1])) / 2) * canvas.height;
          context.fillStyle = `rgb(${colors[at * 4]},${colors[at * 4 + 1]},${colors[at * 4 + 2]})`;
          context.fillRect(px - half, py - half, pen.size, pen.size);
        }
      });
      context.globalAlpha = 1;
    },
    destroy() {},
  };
}
