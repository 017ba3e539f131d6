/** Asks for the rows in sight, and for what is pending in them. */
import { useEffect } from 'preact/hooks';
import { arrivals, wantPending } from '../state/edits.js';
import { rowAt, wantRows } from '../state/rows.js';

/** @param {{first: number, end: number}} props places in the order */
export function Sight({ first, end }) {
  const rows = places(first, end).map((place) => rowAt(place)?.row);
  const isForgotten = arrivals.value;
  useEffect(() => {
    wantRows(first, end);
    wantPending(rows.filter((row) => row !== undefined));
  }, [first, end, rows.join(','), isForgotten]);
  return null;
}

/** @param {number} first @param {number} end */
export const places = (first, end) => Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
