/** Which panels of the samples are shown. */
import { computed } from '@preact/signals';
import { param, setParams } from './url.js';

/** @param {string} name of the parameter that hides it */
function pane(name) {
  const text = param(name);
  const isShown = computed(() => text.value !== 'off');
  return { isShown, toggle: () => setParams({ [name]: isShown.peek() ? 'off' : null }) };
}

export const panes = { filters: pane('filters'), findings: pane('findings'), charts: pane('charts') };
