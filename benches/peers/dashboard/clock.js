// Runs in the page, before anything of it: tells when what a person waits for has been drawn.
// Frames are counted as drawn when the next one begins, and WebGL when its fence has passed.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const frame = () => new Promise((done) => { requestAnimationFrame(done); });
  const STILL_MS = 300;

  /** What WebGL was told to draw, what it has drawn, and when it was done the last time. */
  const points = { told: 0, drawn: 0, at: 0 };
  const fenced = new WeakSet();

  function fence(gl) {
    points.told += 1;
    if (fenced.has(gl)) return;
    fenced.add(gl);
    // After all that is drawn in this frame.
    queueMicrotask(() => requestAnimationFrame(() => wait(gl)));
  }
  function wait(gl) {
    fenced.delete(gl);
    const told = points.told;
    const done = () => { points.drawn = told; points.at = now(); };
    if (!gl.fenceSync) return done();
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const look = () => (gl.isContextLost() || gl.getSyncParameter(sync, gl.SYNC_STATUS) === gl.SIGNALED ? done() : setTimeout(look, 2));
    return look();
  }
  for (const { prototype } of [globalThis.WebGLRenderingContext, globalThis.WebGL2RenderingContext].filter(Boolean)) {
    for (const name of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced']) {
      const draw = prototype[name];
      if (draw) prototype[name] = function drawn(...how) { fence(this); return draw.apply(this, how); };
    }
  }

  /** Elements of which some is in sight. */
  const inSight = (selector) => [...document.querySelectorAll(selector)].filter((each) => {
    const { top, bottom, left, right, width } = each.getBoundingClientRect();
    return width > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  });
  const isLoaded = (image) => image.complete && image.naturalWidth > 0;
  const loaded = (selector) => inSight(selector).filter(isLoaded).length;
  const areLoaded = (selector) => inSight(selector).every(isLoaded);
  /** What the first element says that says such a thing, as a number. */
  const number = (selector, pattern = /(\d[\d,]*)/) => {
    const texts = [...document.querySelectorAll(selector)].map((each) => each.textContent.match(pattern)?.[1]);
    const digits = texts.find((each) => each !== undefined);
    return digits === undefined ? null : Number(digits.replaceAll(',', ''));
  };

  /** When something is there, and painted. */
  async function painted(isThere) {
    while (!isThere()) await frame();
    await frame();
    return now();
  }
  /** When WebGL has drawn all that it was told until nothing more came for a while; not before a moment. */
  async function still(moment) {
    while (points.drawn < points.told || now() - Math.max(moment, points.at) < STILL_MS) await frame();
    return Math.max(moment, points.at);
  }

  /** What follows the next click or key: when the count is another, when other rows are shown, when all is drawn. */
  function step({ count, face, isFull }) {
    const before = { count: count(), face: face() };
    const isOther = (what, value) => value !== null && value !== before[what];
    const isShown = () => isOther('count', count()) && isOther('face', face()) && isFull();
    return new Promise((done) => {
      const onStep = async (event) => {
        for (const type of ['click', 'keydown']) removeEventListener(type, onStep, true);
        const began = performance.timeOrigin + event.timeStamp;
        let updated = Infinity;
        const watching = new MutationObserver(() => { if (updated === Infinity && isOther('count', count())) updated = now(); });
        watching.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        const shown = await painted(isShown);
        watching.disconnect();
        const drawn = await still(shown);
        done({ updated: Math.min(updated, shown) - began, shown: shown - began, drawn: drawn - began });
      };
      for (const type of ['click', 'keydown']) addEventListener(type, onStep, true);
    });
  }
  globalThis.clock = { points, inSight, loaded, areLoaded, number, painted, step };
})();
