/**
 * Asks the server that this page came from. Everything that the page knows comes through here.
 */

/** An answer that was no success; `message` says what is wrong and what to do. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when there was no answer at all
   * @param {{position?: number, conflict?: import('./state/types.js').Conflict}} [body]
   */
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.position = body?.position ?? null;
    this.conflict = body?.conflict ?? null;
  }
}

/** @type {Set<Promise<unknown>>} */
const underWay = new Set();

/** Waits until all that was asked so far is answered: for who takes away what questions may name. */
export const answered = () => Promise.allSettled(underWay);

/** Waits until nothing is asked any more: for what may take long while others wait. */
export async function quiet() {
  do await answered();
  while (underWay.size > 0);
}

/** @param {unknown} error @returns {boolean} whether it only says that nobody waits for the answer any more */
export const isAborted = (error) => error instanceof DOMException && error.name === 'AbortError';

/**
 * @template T
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<T>}
 */
export const get = (path, options) => noted(async () => (await ask(path, { ...options })).json());

/**
 * @template T
 * @param {string} path
 * @param {unknown} body
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<T>}
 */
export const post = (path, body, options) => noted(async () => (await askWith(path, body, options)).json());

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<ArrayBuffer>}
 */
export const bytes = (path, options) => noted(async () => (await ask(path, { ...options })).arrayBuffer());

/**
 * @param {string} path
 * @param {unknown} body
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<ArrayBuffer>}
 */
export const postForBytes = (path, body, options) => noted(async () => (await askWith(path, body, options)).arrayBuffer());

/** @param {string} view @param {number} row @param {string} column @returns {string} the address of a sample's image */
export const imageUrl = (view, row, column) => `api/views/${view}/samples/${row}/image?column=${encodeURIComponent(column)}`;

/** @param {string} view @param {number} row @param {string} column @returns {string} the address of a sample's mask, coloured by class */
export const maskUrl = (view, row, column) => `api/views/${view}/samples/${row}/mask?column=${encodeURIComponent(column)}`;

/** @param {string} path @param {unknown} body @param {{signal?: AbortSignal}} [options] */
const askWith = (path, body, options) =>
  ask(path, {
    ...options,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** @template T @param {() => Promise<T>} question @returns {Promise<T>} */
function noted(question) {
  const coming = question();
  const end = () => underWay.delete(coming);
  underWay.add(coming);
  coming.then(end, end);
  return coming;
}

/** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
async function ask(path, init) {
  const response = await fetch(`api/${path}`, init).catch((error) => {
    if (isAborted(error)) throw error;
    throw new ApiError('The server does not answer. Is it still running? This page goes on as soon as it does.', 0);
  });
  if (response.ok || response.status === 304) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(body?.error ?? `The server answered ${response.status} ${response.statusText}.`, response.status, body ?? undefined);
}
