/** What there is: projects, runs with their series, tables. Kept up to date by what the server tells. */
import { computed, signal } from '@preact/signals';
import { get, post } from '../api.js';
import { loaded } from './loaded.js';
import { onLive, onOpen } from './live.js';
import { path } from './url.js';

/** @typedef {import('./types.js').Run} Run */

export const session = loaded(() => ({ key: 'session', ask: (signal) => get('session', { signal }) }));
/** @type {import('@preact/signals').Signal<import('./loaded.js').Loaded<import('./types.js').Project[]>> & {again: () => void}} */
export const projects = loaded(() => ({ key: 'projects', ask: (signal) => get('projects', { signal }) }));

/** The project that the page is in, by the address or by the run that is looked at. */
export const projectId = computed(() => {
  if (path.value[0] === 'project') return path.value[1] ?? null;
  const named = projectOfView.value;
  return projects.value.value?.find((each) => each.id === named || each.name === named)?.id ?? null;
});
/** Set by rooms whose address names a run or a table alone. @type {import('@preact/signals').Signal<string | null>} */
export const projectOfView = signal(null);

export const project = computed(() => projects.value.value?.find((each) => each.id === projectId.value) ?? null);

/** @type {import('@preact/signals').Signal<import('./loaded.js').Loaded<Run[]>> & {again: () => void}} */
export const runs = loaded(ofProject('runs'), { keep: (before, after) => before === after });
/** @type {import('@preact/signals').Signal<import('./loaded.js').Loaded<import('./types.js').Table[]>> & {again: () => void}} */
export const tables = loaded(ofProject('tables'), { keep: (before, after) => before === after });

/** @param {string} id of a table @param {AbortSignal} signal @returns {Promise<import('./types.js').View>} its rows alone */
export const viewOfTable = (id, signal) => post('views', { runs: [], tables: [id], epochs: 'last' }, { signal });

/** @type {import('@preact/signals').Signal<Record<string, import('./types.js').Series[]>>} */
export const series = signal({});
/** @type {Set<string>} */
const asked = new Set();

/** @param {string[]} ids runs whose curves are wanted */
export function wantSeries(ids) {
  for (const id of ids) if (!asked.has(id)) loadSeries(id);
}

/** @param {string} id */
function loadSeries(id) {
  asked.add(id);
  get(`runs/${id}/series`).then(
    (found) => {
      series.value = { ...series.peek(), [id]: found };
    },
    () => {
      asked.delete(id);
    },
  );
}

/** @param {string} id */
async function refreshRun(id) {
  const list = runs.peek().value;
  if (!list) return;
  if (!list.some((each) => each.id === id)) {
    runs.again();
    return;
  }
  const run = /** @type {Run} */ (await get(`runs/${id}`));
  const now = runs.peek();
  runs.value = { ...now, value: (now.value ?? []).map((each) => (each.id === id ? run : each)) };
  if (asked.has(id)) loadSeries(id);
}

onLive((event) => {
  if (event.type === 'run') refreshRun(event.id).catch(() => runs.again());
  if (event.type === 'project') {
    projects.again();
    if (event.id === projectId.peek()) {
      runs.again();
      tables.again();
    }
  }
});

onOpen(() => {
  for (const list of [session, projects, runs, tables]) list.again();
  for (const id of asked) loadSeries(id);
});

/** @param {'runs' | 'tables'} what @returns {() => {key: string, ask: (signal: AbortSignal) => Promise<any>} | null} */
function ofProject(what) {
  return () => {
    const id = projectId.value;
    return id ? { key: id, ask: (signal) => get(`projects/${id}/${what}`, { signal }) } : null;
  };
}
