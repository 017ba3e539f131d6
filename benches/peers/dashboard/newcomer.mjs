// From the command to the first wrong label, as a newcomer gets there. See README.md:
// node newcomer.mjs PROJECT_ROOT [RUNS]
import { join } from 'node:path';
import { launch } from '../../../crates/tlc-dashboard/tests/browser/chromium.mjs';
import { alone, serve } from './machine.mjs';
import { median } from './table.mjs';

alone();
const [root, runs = '5'] = process.argv.slice(2);
const PORT = 5300;
const SIZE = { width: 1280, height: 720 };
// A sample whose label is not what the model says, with its image.
const WRONG = '.tile.is-wrong img';

/** @param {number} port @returns {Promise<{ms: number, clicks: number}>} */
async function first(port) {
  const start = performance.now();
  const server = await serve({
    command: process.env.TLC_BINARY ?? 'target/release/tlc',
    args: ['dashboard', '--project-root', root, '--port', String(port)],
    link: (said) => said.match(/http:\S+/)?.[0] ?? null,
  }, port);
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(server.link);
    let clicks = 0;
    const click = async (/** @type {string} */ what) => {
      await page.locator(what).first().click();
      clicks += 1;
    };
    await click('text=Open samples');
    await page.waitForSelector(WRONG);
    await page.locator(WRONG).first().evaluate((/** @type {HTMLImageElement} */ image) => image.decode());
    if (process.env.TLC_PICTURES) await page.screenshot({ path: join(process.env.TLC_PICTURES, 'newcomer.png') });
    return { ms: performance.now() - start, clicks };
  } finally {
    await browser.close();
    await server.stop();
  }
}

const found = [];
for (let run = 0; run < Number(runs); run += 1) {
  found.push(await first(PORT + run));
  console.error(JSON.stringify(found.at(-1)));
}
console.log(`${(median(found.map((each) => each.ms)) / 1000).toFixed(1)} s of machine, ${Math.max(...found.map((each) => each.clicks))} clicks`);
