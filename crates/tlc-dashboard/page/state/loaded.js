/**
 * What was asked for: its value as soon as it is there, the value of before until then, and what went wrong.
 */
import { effect, signal } from '@preact/signals';
import { isAborted } from '../api.js';

/**
 * @template T
 * @typedef {{value: T | null, key: string | null, isLoading: boolean, error: import('../api.js').ApiError | null}} Loaded
 */
/**
 * @template T
 * @typedef {{key: string, ask: (signal: AbortSignal) => Promise<T>}} Asked
 */

/**
 * Asks whenever `question` says another key, and keeps the last answer until the next is there.
 *
 * One request is under way at a time. A hasty one (the default) is given up for the next question; a patient one is
 * waited for and shown, so that a slow server is seen to follow while something is dragged.
 *
 * @template T
 * @param {() => Asked<T> | null} question reads signals
 * @param {{keep?: (before: string, after: string) => boolean, isPatient?: boolean}} [options] `keep`: whether the old value may be shown under the new key
 * @returns {import('@preact/signals').Signal<Loaded<T>> & {again: () => void, set: (value: T) => void, stop: () => void}}
 */
export function loaded(question, { keep = () => true, isPatient = false } = {}) {
  const state = signal(/** @type {Loaded<T>} */ ({ value: null, key: null, isLoading: false, error: null }));
  const turn = signal(0);
  /** @type {AbortController | null} */
  let flight = null;
  /** @type {(Asked<T> & {mark: string}) | null} */
  let wanted = null;

  const start = () => {
    const asked = wanted;
    if (!asked) return;
    const mine = new AbortController();
    flight = mine;
    const end = (/** @type {(isWanted: boolean) => void} */ show) => {
      if (flight !== mine) return;
      flight = null;
      const isWanted = wanted?.mark === asked.mark;
      if (wanted) show(isWanted);
      if (wanted && !isWanted) start();
    };
    asked.ask(mine.signal).then(
      (value) =>
        end((isWanted) => {
          state.value = { value, key: asked.key, isLoading: !isWanted, error: null };
        }),
      (error) =>
        end((isWanted) => {
          if (isWanted && !isAborted(error)) state.value = { ...state.peek(), isLoading: false, error };
        }),
    );
  };

  const unwatch = effect(() => {
    const next = question();
    const mark = next ? `${turn.value} ${next.key}` : '';
    if (mark === (wanted?.mark ?? '')) return;
    wanted = next && { ...next, mark };
    const before = state.peek();
    const isKept = next !== null && before.key !== null && (before.key === next.key || keep(before.key, next.key));
    state.value = { value: isKept ? before.value : null, key: isKept ? before.key : null, isLoading: next !== null, error: null };
    if (flight && isPatient && isKept) return;
    flight?.abort();
    flight = null;
    start();
  });

  return Object.assign(state, {
    stop: () => {
      unwatch();
      wanted = null;
      flight?.abort();
      flight = null;
    },
    again: () => {
      turn.value += 1;
    },
    set: (/** @type {T} */ value) => {
      state.value = { ...state.peek(), value };
    },
  });
}
