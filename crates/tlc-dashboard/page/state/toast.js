/** A line that says what was done, for a while. */
import { signal } from '@preact/signals';

const SHOWN_MS = 4000;

/** @type {import('@preact/signals').Signal<string | null>} */
export const toast = signal(null);
let timer = 0;

/** @param {string} text */
export function say(text) {
  toast.value = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    toast.value = null;
  }, SHOWN_MS);
}
