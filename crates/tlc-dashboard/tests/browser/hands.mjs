// The hands of the tests in a browser: each line that comes says what to do, each that goes
// says what came of it. What is right or wrong, the tests know.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileOf, launch, windowOf } from './chromium.mjs';

const PATIENCE = Number(process.env.TLC_BROWSER_PATIENCE ?? 60_000);
const browser = await launch();
let window = null;
let devtools = null;

/** Runs a script in the page as its console does, which no policy of the page forbids. */
async function evaluate({ script }) {
  const { result, exceptionDetails } = await devtools.send('Runtime.evaluate', { expression: script, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value ?? null;
}

const at = ({ at: selector, nth = 0 }) => window.page.locator(selector).nth(nth);

const hands = {
  async open({ link, width, height, theme }) {
    await window?.context.close();
    window = await windowOf(browser, { width, height, theme });
    window.page.setDefaultTimeout(PATIENCE);
    devtools = await window.context.newCDPSession(window.page);
    await window.page.goto(link);
  },
  go: ({ link }) => window.page.goto(link).then(() => null),
  reload: () => window.page.reload().then(() => null),
  size: (size) => window.page.setViewportSize(size),
  theme: ({ theme }) => window.page.emulateMedia({ colorScheme: theme }),
  wait: (what) => at(what).waitFor({ state: what.state ?? 'visible' }),
  click: (what) => at(what).click({ modifiers: what.keys ?? [] }),
  hover: (what) => at(what).hover(),
  fill: (what) => at(what).fill(what.text),
  choose: (what) => at(what).selectOption(what.value).then(() => null),
  press: ({ key }) => window.page.keyboard.press(key),
  box: (what) => at(what).boundingBox(),
  texts: ({ at: selector }) => window.page.locator(selector).allInnerTexts(),
  async drag({ path: [[x, y], ...rest] }) {
    const { mouse } = window.page;
    await mouse.move(x, y);
    await mouse.down();
    for (const point of rest) await mouse.move(...point, { steps: 4 });
    await mouse.up();
  },
  evaluate,
  async axe() {
    await evaluate({ script: `${readFileSync(fileOf('axe-core/axe.min.js'), 'utf8')}; null` });
    return evaluate({ script: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.slice(0, 4).map(({ html, failureSummary }) => html.slice(0, 300) + ' ' + failureSummary) })))` });
  },
  picture: ({ file }) => window.page.screenshot({ path: file }).then(() => null),
  faults() {
    const { elsewhere, console: said, thrown, dialogs } = window.faults;
    return { elsewhere: elsewhere.splice(0), console: said.splice(0), thrown: thrown.splice(0), dialogs: dialogs.splice(0) };
  },
};

const tell = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
tell({ value: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...how } = JSON.parse(line);
  try {
    tell({ value: (await hands[what](how)) ?? null });
  } catch (error) {
    tell({ error: String(error.message ?? error) });
  }
}
await browser.close();
