// What a person waits for, in one product over one folder of rows, once. See README.md:
// node measure.mjs PRODUCT FOLDER [OUT]
import { appendFileSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { launch } from '../../../crates/tlc-dashboard/tests/browser/chromium.mjs';
import { alone, bytesOfLoopback, pause, pss, pssOfAll, serve } from './machine.mjs';
import { products } from './products.mjs';
import { median } from './table.mjs';

alone();
const [name, folder, out] = process.argv.slice(2);
const product = products[name];
const CLOCK = readFileSync(new URL('clock.js', import.meta.url), 'utf8');
const SIZE = { width: 1280, height: 720 };
const REST_MS = 2_000;
const REVIEWED = 20;
const STEPS = 100;
const PATIENCE_MS = 600_000;
const PORT = 5100;

/** @typedef {import('playwright-core').Page} Page */

/** @param {import('playwright-core').Browser} browser @returns {Promise<number>} MB of the renderer that has the page */
async function renderer(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter((each) => each.type === 'renderer');
  return Math.max(...renderers.map((each) => pss(each.id)));
}

/**
 * What was asked of the server meanwhile, but for pictures.
 *
 * @param {Page} page @param {() => Promise<void>} act
 */
async function asking(page, act) {
  /** @type {import('playwright-core').Request[]} */
  const asked = [];
  const onDone = (/** @type {import('playwright-core').Request} */ request) => ['fetch', 'xhr'].includes(request.resourceType()) && asked.push(request);
  page.on('requestfinished', onDone);
  await act();
  await pause(REST_MS);
  page.off('requestfinished', onDone);
  const waited = asked.map((each) => each.timing()).map(({ requestStart, responseStart }) => responseStart - requestStart);
  const told = await Promise.all(asked.map(async (each) => (await each.response())?.json().catch(() => null)));
  const took = told.map((each) => each?.took_micros).filter((each) => typeof each === 'number');
  return { answered_ms: waited.length ? Math.max(...waited) : null, took_ms: took.length ? Math.max(...took) / 1000 : null };
}

/** @typedef {{updated: number, shown: number, drawn: number}} Step */

/** @param {Page} page @param {{count: string, face: string, isFull: string}} what @param {() => Promise<void>} act @returns {Promise<Step>} */
async function step(page, { count, face, isFull }, act) {
  await page.evaluate(`void (globalThis.stepping = clock.step({ count: () => ${count}, face: () => ${face}, isFull: () => ${isFull} }))`);
  await act();
  return page.evaluate('stepping');
}

/** @param {Page} page @returns {Promise<import('./table.mjs').Figures>} */
async function filtered(page) {
  await product.prepare(page);
  await pause(REST_MS);
  const target = product.filter(page);
  await target.hover();
  /** @type {Step | null} */
  let found = null;
  const answers = await asking(page, async () => {
    found = await step(page, product, () => target.click());
  });
  const { updated, shown, drawn } = /** @type {any} */ (found);
  return { ...answers, updated_ms: updated, shown_ms: shown, drawn_ms: drawn };
}

/** What only `tlc` has: review by keys, and the next sample in any order of any rows. @param {Page} page @returns {Promise<import('./table.mjs').Figures>} */
async function reviewed(page) {
  if (name !== 'tlc') return {};
  const run = new URLSearchParams(page.url().split('?')[1]).get('runs');
  await page.evaluate(`location.hash = '/review?runs=${run}'`);
  const face = `(document.querySelector('.centre')?.getAttribute('aria-label') ?? null)`;
  const isFull = `clock.areLoaded('.easel img')`;
  await page.evaluate(`clock.painted(() => ${face} !== null && ${isFull})`);
  await pause(REST_MS);
  const steps = [];
  for (let at = 0; at < REVIEWED; at += 1) {
    steps.push((await step(page, { count: face, face, isFull }, () => page.keyboard.press('s'))).shown);
    await pause(100);
  }
  return { review_ms: median(steps) };
}

/** @param {Page} page @returns {Promise<import('./table.mjs').Figures>} */
async function stepped(page) {
  if (name !== 'tlc') return {};
  const run = new URLSearchParams(page.url().split('?')[1]).get('runs');
  const took = await page.evaluate(async ({ runs, many }) => {
    const ask = async (/** @type {string} */ path, /** @type {any} */ body) =>
      (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
    const view = await ask('api/views', { runs: [runs], tables: [], epochs: 'last' });
    const question = { filters: [{ type: 'range', column: 'confidence', min: 0.5 }], order: [{ column: 'loss', descending: true }] };
    let at = await ask(`api/views/${view.id}/step`, { ...question, row: null, place: 0, by: 0 });
    const times = [];
    for (let tries = 0; tries < many; tries += 1) {
      const start = performance.now();
      at = await ask(`api/views/${view.id}/step`, { ...question, row: at.row, place: at.place, by: 1 });
      times.push(performance.now() - start);
    }
    return times;
  }, { runs: run, many: STEPS });
  return { step_ms: median(took) };
}

/** @param {import('playwright-core').Browser} browser @returns {Promise<import('./table.mjs').Figures>} */
async function measured(browser) {
  const server = await serve(product.server(resolve(folder), PORT), PORT);
  try {
    const context = await browser.newContext({ viewport: SIZE });
    await context.addInitScript({ content: CLOCK });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const address = await product.address(page, server.link);
    const before = bytesOfLoopback();
    const start = Date.now();
    await page.goto(address, { waitUntil: 'commit' });
    const useful = await page.evaluate(`clock.painted(() => ${product.isUseful})`);
    await pause(REST_MS);
    const filter = await filtered(page);
    const here = { renderer_mb: await renderer(browser), server_mb: pssOfAll(server.pid), sent_mb: (bytesOfLoopback() - before) / 1e6 };
    if (process.env.TLC_PICTURES) await page.screenshot({ path: `${process.env.TLC_PICTURES}/${name}-${basename(folder)}.png` });
    return { start_ms: server.ms, view_ms: useful - start, ...filter, ...here, ...(await reviewed(page)), ...(await stepped(page)) };
  } finally {
    await server.stop();
  }
}

const browser = await launch();
const figures = await measured(browser).finally(() => browser.close());
const found = { what: `${product.title}, ${basename(folder)}`, figures };
console.log(JSON.stringify(found));
if (out) appendFileSync(out, `${JSON.stringify(found)}\n`);
