/** Long work on the server: begun, followed, cancelled. */
import { signal } from '@preact/signals';
import { get, post } from '../api.js';

/** @typedef {import('./types.js').Job} Job */

const POLL_MS = 300;

/**
 * @param {() => Promise<void> | void} onDone when it is done, before it counts as ended
 * @returns {{running: import('@preact/signals').Signal<Job | null>, error: import('@preact/signals').Signal<string | null>,
 *   notes: import('@preact/signals').Signal<string[]>, begin: (path: string, body: object) => Promise<void>, cancel: () => void}}
 */
export function longWork(onDone) {
  const running = signal(/** @type {Job | null} */ (null));
  const error = signal(/** @type {string | null} */ (null));
  const notes = signal(/** @type {string[]} */ ([]));
  let id = '';

  /** @param {string} path @param {object} body */
  async function begin(path, body) {
    if (running.peek()) return;
    error.value = null;
    running.value = { state: 'running', stage: '', part: 0 };
    try {
      ({ job: id } = /** @type {{job: string}} */ (await post(path, body)));
      const ended = await followed();
      if (ended.state === 'failed') throw new Error(ended.error ?? 'It failed, and does not say why.');
      if (ended.state === 'done') {
        notes.value = ended.notes ?? [];
        await onDone();
      }
    } catch (failure) {
      error.value = /** @type {Error} */ (failure).message;
    } finally {
      running.value = null;
    }
  }

  async function followed() {
    for (;;) {
      const now = /** @type {Job} */ (await get(`jobs/${id}`));
      if (now.state !== 'running') return now;
      running.value = now;
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  }

  return { running, error, notes, begin, cancel: () => void post(`jobs/${id}/cancel`, {}).catch(() => null) };
}
