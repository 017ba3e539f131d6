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
 * Asks whenever `question` says another key, and keeps the last answer until the next is there. An answer that
 * comes after the question has changed is dropped.
 *
 * @template T
 * @param {() => {key: string, ask: (signal: AbortSignal) => Promise<T>} | null} question reads signals
 * @param {{keep?: (before: string, after: string) => boolean}} [options] whether the old value may be shown under the new key
 * @returns {import('@preact/signals').Signal<Loaded<T>> & {again: () => void}}
 */
export function loaded(question, { keep = () => true } = {}) {
  const state = signal(/** @type {Loaded<T>} */ ({ value: null, key: null, isLoading: false, error: null }));
  const turn = signal(0);
  /** @type {AbortController | null} */
  let flight = null;
  let asked = '';
  effect(() => {
    const next = question();
    const key = next ? `${turn.value} ${next.key}` : '';
    if (key === asked) return;
    asked = key;
    flight?.abort();
    const before = state.peek();
    if (!next) {
      state.value = { value: null, key: null, isLoading: false, error: null };
      return;
    }
    const isKept = before.key !== null && (before.key === next.key || keep(before.key, next.key));
    state.value = { value: isKept ? before.value : null, key: isKept ? before.key : null, isLoading: true, error: null };
    flight = new AbortController();
    next.ask(flight.signal).then(
      (value) => {
        if (asked === key) state.value = { value, key: next.key, isLoading: false, error: null };
      },
      (error) => {
        if (asked === key && !isAborted(error)) state.value = { ...state.peek(), isLoading: false, error };
      },
    );
  });
  return Object.assign(state, { again: () => { turn.value += 1; } });
}
