/** What the server tells by itself: a run that grew, a project, edits of a table. */
import { signal } from '@preact/signals';

/** @typedef {{type: 'run', id: string} | {type: 'project', id: string} | {type: 'edits', table: string}} Live */

/** Whether the server is heard; as long as nothing speaks against it. */
export const isLive = signal(true);

/** @type {Set<(event: Live) => void>} */
const listeners = new Set();

/** @param {(event: Live) => void} listener @returns {() => void} what ends the listening */
export function onLive(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @type {Set<() => void>} */
const openings = new Set();

/** @param {() => void} opening is called when the server is heard, the first time and after it was away: what happened before is not told */
export const onOpen = (opening) => openings.add(opening);

/** What was asked before the server was heard is asked again, when the page has drawn it. */
const FIRST_MS = 1000;

/** Starts to listen; the browser comes back by itself when the server was away. */
export function listen() {
  const source = new EventSource('api/live');
  let isFirst = true;
  source.onopen = () => {
    isLive.value = true;
    setTimeout(() => openings.forEach((opening) => opening()), isFirst ? FIRST_MS : 0);
    isFirst = false;
  };
  source.onerror = () => {
    isLive.value = false;
  };
  source.onmessage = (message) => {
    const event = parse(message.data);
    if (event) for (const listener of listeners) listener(event);
  };
}

/** @param {string} text @returns {Live | null} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
