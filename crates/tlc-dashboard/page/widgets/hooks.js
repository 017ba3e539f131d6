/** What panels need again and again. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { bindKeys } from '../state/keys.js';

/**
 * @template {HTMLElement} E
 * @returns {[import('preact').RefObject<E>, {width: number, height: number}]} an element and its size, kept up to date
 */
export function useSize() {
  const ref = useRef(/** @type {E | null} */ (null));
  const [size, setSize] = useState({ width: 0, height: 0 });
  // Told in the frame that shows it first, before that is drawn.
  useLayoutEffect(() => {
    if (!ref.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [/** @type {any} */ (ref), size];
}

/** @param {Record<string, import('../state/keys.js').Action>} actions the keys of a panel while it is shown */
export function useKeys(actions) {
  const current = useRef(actions);
  current.current = actions;
  const names = Object.keys(actions).join(' ');
  // Before anything of it can be seen: a key that comes then is not lost.
  useLayoutEffect(() => bindKeys(Object.fromEntries(names.split(' ').map((name) => [name, (event) => current.current[name]?.(event)]))), [names]);
}

/** @param {() => void} send @param {() => void} giveUp @returns {(event: KeyboardEvent) => void} keys of what is written: enter sends it, escape gives it up */
export const sendKeys = (send, giveUp) => (event) => {
  if (event.key === 'Enter') send();
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  giveUp();
};

/** @param {number} every in milliseconds @returns {number} the time, from time to time */
export function useNow(every) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/**
 * What a panel asks for as long as it is there.
 *
 * @template {{stop: () => void}} L
 * @param {() => L} make @param {unknown[]} on makes another when these change
 * @returns {L}
 */
export function useLoaded(make, on) {
  const made = useMemo(make, on);
  useEffect(() => () => made.stop(), [made]);
  return made;
}
