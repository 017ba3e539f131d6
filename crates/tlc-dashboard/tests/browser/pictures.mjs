// Pictures of each view of a project, in two sizes and both themes:
// TLC_NODE_MODULES=FOLDER node pictures.mjs PROJECT_ROOT FOLDER_FOR_PICTURES [PATH_OF_tlc [PROJECT]]
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { launch, windowOf } from './chromium.mjs';

const [root, folder, tlc = 'target/debug/tlc', wanted] = process.argv.slice(2);
const SIZES = [[1280, 720], [1920, 1080]];
const PATIENCE = 120_000;

/** A dashboard over the root, and its link. */
async function serve() {
  const server = spawn(tlc, ['dashboard', '--project-root', root, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: server.stdout })) {
    const link = line.match(/http:\S+/)?.[0];
    if (link) return { server, link };
  }
  throw new Error(`${tlc} has told no link`);
}

/** Where each view is, by what the server says there is. */
async function views(page) {
  const ask = (path) => page.evaluate((at) => fetch(`api/${at}`).then((answer) => answer.json()), path);
  const projects = await ask('projects');
  const project = projects.find((each) => each.name === wanted) ?? projects[0];
  const runs = await ask(`projects/${project.id}/runs`);
  const run = runs.find((each) => each.streams.some((stream) => stream.is_finding)) ?? runs[0];
  const other = runs.find((each) => each !== run && each.streams.length > 0);
  const widest = run.streams.filter((each) => !each.is_finding).toSorted((a, b) => b.rows - a.rows)[0];
  const of = `runs=${run.id}&stream=${widest.name}`;
  const issues = encodeURIComponent('[{"type":"flag","column":"is_label_issue","is":true}]');
  const rank = encodeURIComponent('[{"column":"label_rank","descending":false}]');
  const found = run.streams.some((stream) => stream.name === 'label_issues') ? `&f=${issues}&o=${rank}` : '';
  return {
    runs: `#/project/${project.id}/runs?run=${run.id}&on=${run.id}`,
    tables: `#/project/${project.id}/tables`,
    run: `#/samples?${of}`,
    issues: `#/samples?${of}${found}`,
    sample: `#/samples?${of}&row=0&sel=0-2`,
    table: `#/samples?${of}&m=table`,
    rows: `#/samples?${of}&filters=off&findings=off&charts=off`,
    review: `#/review?${of}${found}`,
    compare: other ? `#/compare?after=${run.id}&before=${other.id}` : `#/compare?after=${run.id}&before=${run.id}&be=1`,
  };
}

/** Until nothing is asked for, and what was drawn is there. */
async function settled(page) {
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {});
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached', timeout: 20_000 }).catch(() => {});
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
}

mkdirSync(folder, { recursive: true });
const { server, link } = await serve();
const browser = await launch();
try {
  for (const theme of ['light', 'dark']) {
    for (const [width, height] of SIZES) {
      const { page, context, faults } = await windowOf(browser, { width, height, theme });
      page.setDefaultTimeout(PATIENCE);
      await page.goto(link);
      const at = new URL(page.url()).origin;
      for (const [name, address] of Object.entries(await views(page))) {
        await page.goto(`${at}/`);
        await page.goto(`${at}/${address}`);
        await settled(page);
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
      }
      console.log(theme, width, JSON.stringify(faults));
      await context.close();
    }
  }
} finally {
  await browser.close();
  server.kill();
}
