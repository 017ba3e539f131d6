/** Points on WebGL2, in two or three dimensions: colours, sizes and marks of each point are bytes beside its place. */

const VERTEX = `#version 300 es
in float x;
in float y;
in float z;
in vec4 color;
in float marks;
in float grown;
uniform mat4 matrix;
uniform float away;
uniform vec4 haze;
uniform float size;
uniform int turn;
out vec4 tint;
flat out int shape;
flat out float wide;
void main() {
  int bits = int(marks);
  bool isMatching = (bits & 1) == 1;
  bool isSelected = (bits & 2) == 2;
  bool isShown = turn == 0 ? !isMatching : turn == 1 ? (isMatching && !isSelected) : isSelected;
  float sum = x + y + z;
  bool isPlace = !(isnan(sum) || isinf(sum));
  vec4 at = matrix * vec4(x, y, z, 1.0);
  gl_Position = isShown && isPlace ? at : vec4(2.0, 2.0, 2.0, 1.0);
  wide = size * (0.5 + 2.5 * grown) * away / at.w;
  gl_PointSize = wide;
  tint = vec4(mix(color.rgb, haze.rgb, haze.a * clamp((at.w - away + 1.2) / 2.4, 0.0, 1.0)), color.a);
  shape = (bits >> 2) & 3;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 tint;
flat in int shape;
flat in float wide;
uniform float alpha;
uniform vec4 edge;
uniform bool isSolid;
out vec4 paint;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * wide;
  float reach = wide * 0.5 - 0.5;
  float disc = length(at);
  float square = max(abs(at.x), abs(at.y)) * 1.15;
  float diamond = (abs(at.x) + abs(at.y)) * 0.9;
  float triangle = max(abs(at.x) * 1.5 - at.y * 0.6, at.y * 1.2);
  float far = shape == 0 ? disc : shape == 1 ? square : shape == 2 ? diamond : triangle;
  float cover = clamp(reach - far + 0.5, 0.0, 1.0);
  if (isSolid) {
    if (wide < 3.0) cover = 1.0;
    else if (cover < 0.35) discard;
  }
  cover *= alpha;
  float rim = edge.a * clamp(far - (reach - 1.5), 0.0, 1.0);
  paint = vec4(mix(tint.rgb, edge.rgb, rim) * cover, cover);
}`;

const MOST_STEP = 63;
const POLL_MS = 4;
/** What makes a point as large as its pen. */
const AS_IT_IS = 0.2;
const AXES = /** @type {const} */ (['x', 'y', 'z']);

/** @typedef {{size: number, alpha: number, edge: [number, number, number, number]}} Pen */
/** @typedef {[Pen | null, Pen | null, Pen | null]} Pens of what doesn't match, what does, what is selected; null where there is none */

/**
 * From data to what is seen.
 *
 * @typedef {object} Placement
 * @property {number[]} matrix by columns, to the clip space
 * @property {number} away how far the middle of the data is from the eye; 1 in two dimensions
 * @property {[number, number, number, number]} haze colour and share of what what is far fades into
 * @property {boolean} isDeep what is near hides what is far
 */

/** @typedef {{setPlaces: (places: Float32Array[]) => void, setColors: (rgba: Uint8Array) => void, setMarks: (marks: Uint8Array) => void, setSizes: (sizes: Uint8Array | null) => void, draw: (placement: Placement, pens: Pens, step: number) => void, done: () => Promise<void>, destroy: () => void}} Painter */

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {null | Painter} null when this browser has no WebGL2
 */
export function glPoints(canvas) {
  const gl = canvas.getContext('webgl2', { antialias: false, alpha: true, premultipliedAlpha: true });
  if (!gl) return null;
  const program = link(gl);
  if (!program) return null;
  const names = /** @type {const} */ ([...AXES, 'color', 'marks', 'grown']);
  const buffers = Object.fromEntries(names.map((name) => [name, gl.createBuffer()]));
  const places = Object.fromEntries(names.map((name) => [name, gl.getAttribLocation(program, name)]));
  const uniforms = Object.fromEntries(
    ['matrix', 'away', 'haze', 'size', 'turn', 'alpha', 'edge', 'isSolid'].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  let points = 0;
  let isSized = false;
  let dimensions = 2;
  const fill = (/** @type {string} */ name, /** @type {Float32Array | Uint8Array} */ values) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  };
  const point = (
    /** @type {string} */ name,
    /** @type {number} */ parts,
    /** @type {number} */ type,
    /** @type {boolean} */ isNormal,
    /** @type {number} */ stride,
  ) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.enableVertexAttribArray(places[name]);
    gl.vertexAttribPointer(places[name], parts, type, isNormal, stride, 0);
  };
  const constant = (/** @type {string} */ name, /** @type {number} */ value) => {
    gl.disableVertexAttribArray(places[name]);
    gl.vertexAttrib1f(places[name], value);
  };
  return {
    setPlaces(next) {
      points = Math.min(...next.map((each) => each.length));
      dimensions = next.length;
      next.forEach((values, axis) => fill(AXES[axis], values));
    },
    setColors: (rgba) => fill('color', rgba),
    setMarks: (marks) => fill('marks', marks),
    setSizes(sizes) {
      isSized = sizes !== null;
      if (sizes) fill('grown', sizes);
    },
    draw({ matrix, away, haze, isDeep }, pens, wantedStep) {
      const step = Math.min(wantedStep, MOST_STEP);
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.depthMask(true);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      if (points === 0) return;
      gl.useProgram(program);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      AXES.forEach((axis, at) => (at < dimensions ? point(axis, 1, gl.FLOAT, false, 4 * step) : constant(axis, 0)));
      point('color', 4, gl.UNSIGNED_BYTE, true, 4 * step);
      point('marks', 1, gl.UNSIGNED_BYTE, false, step);
      if (isSized) point('grown', 1, gl.UNSIGNED_BYTE, true, step);
      else constant('grown', AS_IT_IS);
      gl.uniformMatrix4fv(uniforms.matrix, false, matrix);
      gl.uniform1f(uniforms.away, away);
      gl.uniform4f(uniforms.haze, ...haze);
      const stroke = (/** @type {number} */ turn, /** @type {boolean} */ isSolid) => {
        const pen = pens[turn];
        if (!pen) return;
        gl.uniform1i(uniforms.turn, turn);
        gl.uniform1i(uniforms.isSolid, Number(isSolid));
        gl.uniform1f(uniforms.size, pen.size);
        gl.uniform1f(uniforms.alpha, pen.alpha);
        gl.uniform4f(uniforms.edge, ...pen.edge);
        gl.drawArrays(gl.POINTS, 0, Math.floor((points + step - 1) / step));
      };
      if (!isDeep) {
        gl.disable(gl.DEPTH_TEST);
        pens.forEach((_, turn) => stroke(turn, false));
        return;
      }
      // The depth of what matches hides what is behind it, at the price of no order; what is selected is seen through all.
      gl.enable(gl.DEPTH_TEST);
      stroke(1, true);
      gl.depthMask(false);
      stroke(0, false);
      gl.disable(gl.DEPTH_TEST);
      stroke(2, false);
    },
    done: () => signalled(gl),
    destroy() {
      for (const name of names) gl.deleteBuffer(buffers[name]);
      gl.deleteProgram(program);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

/** @param {WebGL2RenderingContext} gl @returns {Promise<void>} once all is drawn that was asked for, or the context is lost */
async function signalled(gl) {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  while (fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED)
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  gl.deleteSync(fence);
}

/** @param {WebGL2RenderingContext} gl @returns {WebGLProgram | null} */
function link(gl) {
  const program = gl.createProgram();
  for (const [type, text] of /** @type {[number, string][]} */ ([
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ])) {
    const shader = gl.createShader(type);
    if (!program || !shader) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  if (!program) return null;
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  console.warn('points are drawn without WebGL:', gl.getProgramInfoLog(program));
  return null;
}
