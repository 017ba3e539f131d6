// Opens a file in Chromium, in both themes, narrow, wide and printed, and says what was seen.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { fileOf, launch } from '../../../tlc-dashboard/tests/browser/chromium.mjs';

const link = pathToFileURL(process.argv[2]).href;
const browser = await launch();
const context = await browser.newContext({ offline: true });
const page = await context.newPage();
const seen = { asked: [], console: [], thrown: [], dialogs: [], tooWide: [], barriers: [], papers: {} };
page.on('request', (request) => {
  const isOwn = request.url().startsWith('data:') || request.url() === link;
  if (!isOwn) seen.asked.push(request.url());
});
page.on('console', (message) => seen.console.push(message.text()));
page.on('pageerror', (error) => seen.thrown.push(error.message));
page.on('dialog', (dialog) => {
  seen.dialogs.push(dialog.message());
  dialog.dismiss();
});
await page.goto(link);

for (const width of [1280, 600, 360]) {
  await page.setViewportSize({ width, height: 720 });
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const all = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest('.scroll'));
    return [document.documentElement, ...all].map((each) => `${each.tagName} ${each.className}: ${each.scrollWidth}`);
  });
  if (wide.length) seen.tooWide.push([width, ...wide.slice(0, 6)]);
}
// As the console runs scripts, which no policy of the page forbids.
const devtools = await context.newCDPSession(page);
const run = async (expression) => (await devtools.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })).result.value;
await run(`${readFileSync(fileOf('axe-core/axe.min.js'), 'utf8')}; null`);
const barriers = () => run(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join('; ')))`);
const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
for (const colorScheme of ['light', 'dark']) {
  await page.emulateMedia({ colorScheme });
  seen.papers[colorScheme] = await paper();
  seen.barriers.push(...(await barriers()));
}
await page.emulateMedia({ media: 'print' });
seen.papers.print = await paper();
const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
seen.pages = (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length;

Object.assign(
  seen,
  await page.evaluate(() => ({
    title: document.title,
    headings: [...document.querySelectorAll('h2')].map((each) => each.textContent),
    tiles: document.querySelectorAll('.tile').length,
    images: document.images.length,
    broken: [...document.images].filter((image) => !image.naturalWidth).map((image) => image.alt),
    scripts: document.scripts.length,
    harmed: window.harmed ?? null,
  })),
);
process.stdout.write(JSON.stringify(seen));
await browser.close();
