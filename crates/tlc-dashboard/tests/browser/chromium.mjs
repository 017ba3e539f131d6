// Chromium without a window, which reaches this machine alone and keeps what went wrong.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const modules = createRequire(join(process.env.TLC_NODE_MODULES ?? process.cwd(), 'node_modules', '-'));

/** The text of a file of a package. */
export const fileOf = (name) => modules.resolve(name);

/** A browser, and how one opens a window in it. */
export async function launch() {
  const { chromium } = modules('playwright-core');
  const executablePath = process.env.TLC_CHROMIUM ?? '/usr/bin/chromium';
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--enable-unsafe-swiftshader'];
  return chromium.launch({ executablePath, args });
}

/** A window of this size; `faults` has what it asked of other hosts, what the console said, and what was thrown. */
export async function windowOf(browser, { width = 1280, height = 720, theme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  const faults = { elsewhere: [], console: [], thrown: [], dialogs: [] };
  await context.route('**/*', (route) => {
    const { protocol, hostname } = new URL(route.request().url());
    const isHere = ['data:', 'blob:'].includes(protocol) || LOOPBACK.includes(hostname);
    if (isHere) return route.continue();
    faults.elsewhere.push(route.request().url());
    return route.abort();
  });
  page.on('console', (message) => {
    // What the driver says of pictures taken of a page is no fault of the page.
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('GL Driver Message')) faults.console.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.thrown.push(`${error.name}: ${error.message} ${error.stack}`));
  page.on('dialog', (dialog) => { faults.dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on('websocket', (socket) => faults.elsewhere.push(socket.url()));
  return { page, context, faults };
}
