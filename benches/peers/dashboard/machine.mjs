// Servers, and what the kernel says of processes and of the loopback.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';

const PATIENCE_MS = 600_000;
export const pause = (/** @type {number} */ ms) => new Promise((done) => { setTimeout(done, ms); });

/**
 * Begins again in a network of its own, which has a loopback and nothing else: no product can ask
 * anything of another host, and every byte that is counted there is one of these programs.
 */
export function alone() {
  if (process.env.TLC_IS_ALONE === '1') return spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
  const env = { ...process.env, TLC_IS_ALONE: '1' };
  const done = spawnSync('unshare', ['--net', '--map-root-user', process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env });
  if (done.error) throw done.error;
  return process.exit(done.status ?? 1);
}

/** Bytes that have come over the loopback, both ways. */
export function bytesOfLoopback() {
  const line = readFileSync('/proc/self/net/dev', 'utf8').split('\n').find((each) => each.trim().startsWith('lo:'));
  return Number(line?.trim().split(/\s+/)[1]);
}

/** @param {number} port */
const answers = (port) => new Promise((done) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); done(true); });
  socket.on('error', () => done(false));
});

/**
 * A server, the link to it, and how long it took until it listened.
 *
 * @param {import('./products.mjs').Server} how @param {number} port
 */
export async function serve({ command, args, env = {}, link }, port) {
  const start = performance.now();
  const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => { said += text; });
  while (performance.now() - start < PATIENCE_MS) {
    if (server.exitCode !== null) throw new Error(`${command} has ended: ${said}`);
    const found = link(said);
    if (found && (await answers(port))) return { pid: /** @type {number} */ (server.pid), link: found, ms: performance.now() - start, stop: () => stop(server) };
    await pause(10);
  }
  throw new Error(`${command} does not listen: ${said}`);
}

/** Ends a server and what it has started. @param {import('node:child_process').ChildProcess} server */
async function stop(server) {
  const all = family(/** @type {number} */ (server.pid));
  server.kill('SIGTERM');
  for (let tries = 0; server.exitCode === null && server.signalCode === null && tries < 100; tries += 1) await pause(50);
  for (const pid of all) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone by itself.
    }
  }
}

/** @param {number} pid @returns {number[]} the process and all that it has started */
function family(pid) {
  const parent = (/** @type {string} */ each) => {
    try {
      return Number(readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
    } catch {
      return 0;
    }
  };
  const children = readdirSync('/proc').filter((each) => /^\d+$/.test(each) && parent(each) === pid);
  return [pid, ...children.flatMap((each) => family(Number(each)))];
}

/** @param {number} pid @returns {number} MB of memory that are its own, and its share of what others have, too */
export function pss(pid) {
  const line = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+) kB/m);
  return (Number(line?.[1]) * 1024) / 1e6;
}

/** @param {number} pid */
export const pssOfAll = (pid) => family(pid).reduce((sum, each) => sum + pss(each), 0);
