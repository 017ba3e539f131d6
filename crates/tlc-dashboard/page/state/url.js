/**
 * The whole state of the page is its address: `#/room/id?name=value`. What the address says is read
 * through signals; what a person does is written back into it.
 */
import { computed, signal } from '@preact/signals';

/** @typedef {{path: string[], params: Record<string, string>}} Place */

const place = signal(read());
window.addEventListener('hashchange', () => {
  place.value = read();
});
window.addEventListener('popstate', () => {
  place.value = read();
});

/** Where the page is: the parts of the path. */
export const path = computed(() => place.value.path);

/** @param {string} name @returns {import('@preact/signals').ReadonlySignal<string | null>} one parameter of the address */
export const param = (name) => computed(() => place.value.params[name] ?? null);

/** @param {string} name @returns {string | null} */
export const paramNow = (name) => place.value.params[name] ?? null;

/** @param {string | null} text @returns {string[]} what a parameter lists; `none` is an empty list, and not as at first */
export const listOf = (text) => (text ?? '').split(',').filter((each) => each && each !== 'none');

/** @param {string[]} names @param {string} name @returns {string} the list with it, or without it where it was there */
export const toggled = (names, name) => (names.includes(name) ? names.filter((each) => each !== name) : [...names, name]).join(',');

/** @param {string[]} parts @param {Record<string, string | null | undefined>} [params] @returns {string} the address of a place, for links */
export function href(parts, params = {}) {
  const query = Object.entries(params)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `#/${parts.map(encodeURIComponent).join('/')}${query ? `?${query}` : ''}`;
}

/** @param {string[]} parts @param {Record<string, string | null | undefined>} [params] */
export const go = (parts, params) => write(href(parts, params), true);

/** @param {string} address of a place of the page */
export const goToAddress = (address) => write(address, true);

/**
 * Sets parameters of the place where the page is; null takes one away.
 *
 * @param {Record<string, string | null>} changes
 * @param {{step?: boolean}} [options] `step`: the back button comes back to before
 */
export function setParams(changes, { step = false } = {}) {
  const { path: parts, params } = place.value;
  write(href(parts, { ...params, ...changes }), step);
}

/** @param {string} address @param {boolean} step */
function write(address, step) {
  if (address === location.hash) return;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  place.value = read();
}

/** @returns {Place} */
function read() {
  const [route = '', query = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return {
    path: route.split('/').filter(Boolean).map(decode),
    params: Object.fromEntries(
      query
        .split('&')
        .filter(Boolean)
        .map((pair) =>
          pair
            .split(/=(.*)/s)
            .slice(0, 2)
            .map((part) => decode(part ?? '')),
        ),
    ),
  };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
