/** Points on WebGL2: colours and marks of each point are bytes beside its place. */

const VERTEX = `#version 300 es
in float x;
in float y;
in vec4 color;
in float marks;
uniform vec2 scale;
uniform vec2 offset;
uniform float size;
uniform int turn;
out vec4 tint;
flat out int shape;
void main() {
  int bits = int(marks);
  bool isMatching = (bits & 1) == 1;
  bool isSelected = (bits & 2) == 2;
  bool isShown = turn == 0 ? !isMatching : turn == 1 ? (isMatching && !isSelected) : isSelected;
  bool isPlace = !(isnan(x) || isnan(y) || isinf(x) || isinf(y));
  gl_Position = isShown && isPlace ? vec4(x * scale.x + offset.x, y * scale.y + offset.y, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  tint = color;
  shape = (bits >> 2) & 3;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 tint;
flat in int shape;
uniform float size;
uniform float alpha;
uniform vec4 edge;
out vec4 paint;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * size;
  float reach = size * 0.5 - 0.5;
  float disc = length(at);
  float square = max(abs(at.x), abs(at.y)) * 1.15;
  float diamond = (abs(at.x) + abs(at.y)) * 0.9;
  float triangle = max(abs(at.x) * 1.5 - at.y * 0.6, at.y * 1.2);
  float far = shape == 0 ? disc : shape == 1 ? square : shape == 2 ? diamond : triangle;
  float cover = clamp(reach - far + 0.5, 0.0, 1.0) * alpha;
  float rim = edge.a * clamp(far - (reach - 1.5), 0.0, 1.0);
  paint = vec4(mix(tint.rgb, edge.rgb, rim) * cover, cover);
}`;

const MOST_STEP = 63;

/** @typedef {{scale: [number, number], offset: [number, number]}} Placement from data to the clip space */
/** @typedef {{size: number, alpha: number, edge: [number, number, number, number]}} Pen */

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {null | {setPlaces: (x: Float32Array, y: Float32Array) => void, setColors: (rgba: Uint8Array) => void, setMarks: (marks: Uint8Array) => void, draw: (placement: Placement, pens: [Pen, Pen, Pen], step: number) => void, destroy: () => void}}
 *   null when this browser has no WebGL2
 */
export function glPoints(canvas) {
  const gl = canvas.getContext('webgl2', { antialias: false, alpha: true, premultipliedAlpha: true });
  if (!gl) return null;
  const program = link(gl);
  if (!program) return null;
  const names = /** @type {const} */ (['x', 'y', 'color', 'marks']);
  const buffers = Object.fromEntries(names.map((name) => [name, gl.createBuffer()]));
  const uniforms = Object.fromEntries(
    ['scale', 'offset', 'size', 'turn', 'alpha', 'edge'].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  let points = 0;
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
    const place = gl.getAttribLocation(program, name);
    if (place < 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, parts, type, isNormal, stride, 0);
  };
  return {
    setPlaces(x, y) {
      points = Math.min(x.length, y.length);
      fill('x', x);
      fill('y', y);
    },
    setColors: (rgba) => fill('color', rgba),
    setMarks: (marks) => fill('marks', marks),
    draw({ scale, offset }, pens, wantedStep) {
      const step = Math.min(wantedStep, MOST_STEP);
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      if (points === 0) return;
      gl.useProgram(program);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      point('x', 1, gl.FLOAT, false, 4 * step);
      point('y', 1, gl.FLOAT, false, 4 * step);
      point('color', 4, gl.UNSIGNED_BYTE, true, 4 * step);
      point('marks', 1, gl.UNSIGNED_BYTE, false, step);
      gl.uniform2f(uniforms.scale, ...scale);
      gl.uniform2f(uniforms.offset, ...offset);
      pens.forEach((pen, turn) => {
        gl.uniform1i(uniforms.turn, turn);
        gl.uniform1f(uniforms.size, pen.size);
        gl.uniform1f(uniforms.alpha, pen.alpha);
        gl.uniform4f(uniforms.edge, ...pen.edge);
        gl.drawArrays(gl.POINTS, 0, Math.floor((points + step - 1) / step));
      });
    },
    destroy() {
      for (const name of names) gl.deleteBuffer(buffers[name]);
      gl.deleteProgram(program);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
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
