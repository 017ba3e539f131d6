/** Regions whose text may be longer than their room. */

const KEYS = ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'];

/** What makes a region one that is scrolled by keys while it is focused, in spite of what they do elsewhere. */
export const scrolling = {
  tabindex: 0,
  role: 'region',
  onKeyDown: (/** @type {KeyboardEvent} */ event) => {
    const region = /** @type {HTMLElement} */ (event.currentTarget);
    if (KEYS.includes(event.key) && region.scrollHeight > region.clientHeight) event.stopPropagation();
  },
};
