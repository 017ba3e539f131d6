/** Columns that are computed of others: they are part of what the view is made of. */
import { post } from '../api.js';
import { setParams } from './url.js';
import { derived, source } from './view.js';

/** @typedef {import('./types.js').Derived} Derived */

/**
 * Adds a column, if the server understands it.
 *
 * @param {Derived} column
 * @returns {Promise<import('./types.js').DerivedError | null>} what is wrong with it
 */
export async function derive(column) {
  const next = [...derived.peek(), column];
  const opened = /** @type {import('./types.js').View} */ (await post('views', { ...source.peek(), derived: next }));
  const wrong = opened.derived_errors.find((each) => each.name === column.name) ?? null;
  if (!wrong) set(next);
  return wrong;
}

/** @param {string} name */
export const underive = (name) => set(derived.peek().filter((each) => each.name !== name));

/** @param {Derived[]} next */
const set = (next) => setParams({ d: next.length ? JSON.stringify(next) : null }, { step: true });
