/** The keys of the samples: moving, selecting, editing, and what is shown. */
import { useEffect } from 'preact/hooks';
import * as actions from '../state/actions.js';
import { SIZES, setTileSize, tileSize } from '../state/face.js';
import { toggleOverlays } from '../state/overlays.js';
import { panes } from '../state/panes.js';
import { rowAt, total } from '../state/rows.js';
import { clearSelected, cursor, openRow, openSample, revealed, selected, toggleSelected } from '../state/selection.js';
import { setParams } from '../state/url.js';
import { filters, order, setFilters, stepEpoch } from '../state/view.js';
import { useKeys } from '../widgets/hooks.js';

/**
 * @param {{current: import('../widgets/virtual.js').Scroller | null}} scroller @param {{current: number}} lanes @param {boolean} isGrid
 */
export function useRowKeys(scroller, lanes, isGrid) {
  const across = isGrid ? 1 : 0;
  const down = () => (isGrid ? lanes.current : 1);
  const move = (/** @type {number} */ by) => {
    const last = (total.peek() ?? 1) - 1;
    cursor.value = Math.min(Math.max(cursor.peek() + by, 0), last);
    scroller.current?.show(Math.floor(cursor.peek() / down()));
    const row = rowAt(cursor.peek())?.row;
    if (openRow.peek() !== null && row !== undefined) openSample(row);
  };
  const page = () => down() * (scroller.current?.lines() ?? 1);
  useKeys({
    arrowright: () => move(across || 1),
    arrowleft: () => move(-(across || 1)),
    arrowdown: () => move(down()),
    arrowup: () => move(-down()),
    pagedown: () => move(page()),
    pageup: () => move(-page()),
    home: () => move(-Infinity),
    end: () => move(Infinity),
    space: () => {
      const row = actions.rowOfKeys();
      if (row !== null) toggleSelected(row);
    },
    enter: () => {
      const row = rowAt(cursor.peek())?.row;
      if (row !== undefined) openSample(row);
    },
    escape: () => {
      if (openRow.peek() !== null) openSample(null);
      else clearSelected();
    },
    x: () => {
      if (selected.peek().size) clearSelected();
      else setFilters([]);
    },
    g: () => setParams({ m: isGrid ? 'table' : 'grid' }),
    c: panes.charts.toggle,
    f: panes.findings.toggle,
    o: toggleOverlays,
    'shift+f': panes.filters.toggle,
    r: actions.review,
    a: () => actions.acceptPrediction(),
    w: () => actions.weightZero(),
    u: actions.undo,
    'shift+u': actions.redo,
    l: () => {
      const row = actions.rowOfKeys();
      if (selected.peek().size === 0 && row !== null) toggleSelected(row);
      requestAnimationFrame(() => {
        const menu = document.querySelector('.labelmenu');
        if (menu instanceof HTMLElement) menu.click();
      });
    },
    '[': () => stepEpoch(-1),
    ']': () => stepEpoch(1),
    '-': () => setTileSize(tileSize.peek() - SIZES.step * 2),
    '+': () => setTileSize(tileSize.peek() + SIZES.step * 2),
    '=': () => setTileSize(tileSize.peek() + SIZES.step * 2),
    'ctrl+enter': () => {
      actions.isCommitting.value = true;
    },
  });
  useEffect(() => {
    if (revealed.value) scroller.current?.show(Math.floor(revealed.value.place / down()));
  }, [revealed.value]);
  useEffect(() => {
    cursor.value = 0;
  }, [JSON.stringify([filters.value, order.value])]);
}
