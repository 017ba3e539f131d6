// The products: how each is served, what is a useful view of it, and how one filters by a class.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const VENVS = process.env.TLC_PEERS ?? '.';
const TLC = process.env.TLC_BINARY ?? 'target/release/tlc';
const CLASS = 'Trouser';
/** So many rows or pictures are something to look at. */
const FEW = 8;

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {{command: string, args: string[], env?: Record<string, string>, link: (said: string) => string | null}} Server
 *
 * @typedef {object} Product
 * @property {string} title
 * @property {(folder: string, port: number) => Server} server
 * @property {(page: Page, link: string) => Promise<string>} address where its view of the rows is
 * @property {string} isUseful a script: whether there is something to look at
 * @property {string} count a script: how many rows it says that there are
 * @property {string} face a script: what tells the first row that is shown from others
 * @property {string} isFull a script: whether nothing of the rows in sight is missing
 * @property {(page: Page) => Promise<void>} prepare all that comes before the click that filters
 * @property {(page: Page) => import('playwright-core').Locator} filter
 */

/** @param {number} port */
const at = (port) => () => `http://127.0.0.1:${port}/`;
const asItIs = async (/** @type {Page} */ _, /** @type {string} */ link) => link;

/** @type {Product} */
const tlc = {
  title: 'tlc',
  server: (folder, port) => ({
    command: TLC,
    args: ['dashboard', '--project-root', join(folder, 'projects'), '--port', String(port)],
    link: (said) => said.match(/http:\S+/)?.[0] ?? null,
  }),
  async address(page, link) {
    // Only the cookie: the page itself is not opened yet.
    const ask = async (/** @type {string} */ path) => (await page.context().request.get(new URL(path, link).href)).json();
    await page.context().request.get(link, { maxRedirects: 0 });
    const [project] = await ask('/api/projects');
    const [run] = await ask(`/api/projects/${project.id}/runs`);
    return new URL(`/#/samples?runs=${run.id}`, link).href;
  },
  isUseful: `clock.points.drawn > 0 && (document.querySelector('.gridroom') ? clock.loaded('.tile img') >= ${FEW} : clock.inSight('.tableroom .line:not(.head):not(.is-empty)').length >= ${FEW})`,
  count: `clock.number('.rowshead .count b')`,
  face: `(clock.inSight('.tile, .tableroom .line:not(.head)')[0]?.textContent ?? null)`,
  isFull: `document.querySelector('section.rows').getAttribute('aria-busy') === 'false' && clock.inSight('.tile.is-empty, .line.is-empty').length === 0 && clock.inSight('.tile .picture').every((each) => each.querySelector('img')) && clock.areLoaded('.tile img')`,
  prepare: async () => {},
  filter: (page) => page.locator(`.column:has(header:has-text("label")) .classbar:has-text("${CLASS}")`).first(),
};

/** @type {Product} */
const lightly = {
  title: 'LightlyStudio 1.2.0',
  server: (folder, port) => ({
    command: join(VENVS, 'lightly/bin/python'),
    args: [join(HERE, 'lightly.py'), folder, String(port)],
    env: { LIGHTLY_STUDIO_ANALYTICS_ENABLED: 'false', HF_HUB_OFFLINE: '1' },
    link: at(port),
  }),
  address: asItIs,
  isUseful: `clock.loaded('[data-testid=sample-grid-item] img') >= ${FEW}`,
  count: `clock.number('span', /^Showing ([\\d,]+)/)`,
  face: `(clock.inSight('[data-testid=sample-grid-item] img')[0]?.src ?? null)`,
  isFull: `clock.areLoaded('[data-testid=sample-grid-item] img')`,
  // The offer of a tour covers the page.
  prepare: async (page) => page.getByRole('button', { name: 'Dismiss' }).click({ timeout: 5_000 }).catch(() => {}),
  filter: (page) => page.locator('[data-testid=labels-menu-item]', { hasText: CLASS }),
};

/** @type {Product} */
const atlas = {
  title: 'embedding-atlas 0.26.0',
  server: (folder, port) => ({
    command: join(VENVS, 'atlas/bin/embedding-atlas'),
    args: [join(folder, 'rows.parquet'), ...['--x', 'x', '--y', 'y', '--disable-projection', '--host', '127.0.0.1', '--port', String(port)], ...(existsSync(join(folder, 'images')) ? ['--image', 'image'] : [])],
    env: { HF_HUB_OFFLINE: '1', DO_NOT_TRACK: '1' },
    link: at(port),
  }),
  address: asItIs,
  // Without WebGPU it draws no points.
  isUseful: `clock.inSight('tbody tr').length >= 6 && clock.areLoaded('tbody img') && clock.inSight('button[title="${CLASS}"]').length > 0`,
  count: `clock.number('div.flex-none > div', /^\\s*([\\d,]+)\\s*\\/ [\\d,]+ points/)`,
  face: `(clock.inSight('tbody tr')[0]?.textContent ?? null)`,
  isFull: `clock.areLoaded('tbody img')`,
  prepare: async () => {},
  filter: (page) => page.locator(`button[title="${CLASS}"]`).first(),
};

/** @type {Product} */
const spotlight = {
  title: 'Spotlight 1.8.2',
  server: (folder, port) => ({
    command: join(VENVS, 'spotlight/bin/python'),
    args: [join(HERE, 'spotlight.py'), folder, String(port)],
    env: { SPOTLIGHT_OPT_OUT: 'true', HF_HUB_OFFLINE: '1' },
    link: at(port),
  }),
  address: asItIs,
  // In the layout that it opens with no points are drawn.
  isUseful: `clock.inSight('[data-test-tag=datagrid] [class*=Cell__StyledDiv]').length >= ${FEW}`,
  count: `clock.number('[data-test-tag=datagrid-filtered-count]')`,
  face: `(clock.inSight('[data-test-tag=datagrid] [class*=Cell__StyledDiv]').slice(0, 8).map((each) => each.textContent).join() || null)`,
  isFull: `true`,
  async prepare(page) {
    await page.click('[data-test-tag=datagrid-filtered-tab-button]');
    await page.mouse.click(20, 46);
    // Its boxes suggest what was typed so far.
    for (const [text, ...keys] of [['label', 'Enter', 'Tab'], ['=', 'Enter', 'Tab'], [CLASS, 'Enter']]) {
      await page.waitForTimeout(500);
      await page.keyboard.type(text);
      await page.waitForTimeout(500);
      for (const key of keys) await page.keyboard.press(key);
    }
  },
  filter: (page) => page.locator('button:has(svg[class*=Check__])').first(),
};

/** @type {Record<string, Product>} */
export const products = { tlc, lightly, atlas, spotlight };
