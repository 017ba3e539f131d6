/** Light or dark: as the system has it, until a person says otherwise. */
import { computed, effect, signal } from '@preact/signals';

const KEY = 'tlc-theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);
system.addEventListener('change', () => {
  systemIsDark.value = system.matches;
});

/** @type {import('@preact/signals').Signal<string | null>} */
const chosen = signal(stored());

/** Whether the page is dark now; charts draw with it. */
export const isDark = computed(() => (chosen.value ? chosen.value === 'dark' : systemIsDark.value));

export function toggleTheme() {
  const next = isDark.value ? 'light' : 'dark';
  chosen.value = next === (systemIsDark.value ? 'dark' : 'light') ? null : next;
  try {
    if (chosen.value) localStorage.setItem(KEY, chosen.value);
    else localStorage.removeItem(KEY);
  } catch {
    /* a private window keeps nothing */
  }
}

effect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light';
});

/** @returns {string | null} */
function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
