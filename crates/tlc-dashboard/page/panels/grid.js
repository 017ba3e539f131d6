/** Rows as a grid of tiles. */
import { useEffect } from 'preact/hooks';
import { fitting, tileSize } from '../state/face.js';
import { listingKey, rowAt, total } from '../state/rows.js';
import { addSelected, cursor, hovered, openRow, openSample, selected, toggleSelected } from '../state/selection.js';
import { defaults, viewNow } from '../state/view.js';
import { useSize } from '../widgets/hooks.js';
import { html } from '../widgets/html.js';
import { Virtual } from '../widgets/virtual.js';
import { Sight, places } from './sight.js';
import { Tile, sizeOfHeight, tileHeight } from './tile.js';

const GAP = 8;
const MARGINS = 24 + 10;
/** So many rows of tiles are in sight, as long as nobody wants another size. */
const IN_SIGHT = 3;
const FITTING = { least: 64, most: 120, mostOfFew: 240 };

/** @param {{scroller: any, lanes: {current: number}}} props */
export function Grid({ scroller, lanes }) {
  const [ref, room] = useSize();
  const rows = total.value;
  const { label, predicted } = defaults.value;
  const of = viewNow.value?.rows ?? 0;
  const said = Number(Boolean(label)) + Number(Boolean(predicted));
  useEffect(() => {
    if (room.height === 0) return;
    fitting.value = fittingSize(room, said, of);
  }, [room.width, room.height, said, of]);
  const across = Math.max(1, Math.ceil((room.width - MARGINS + GAP) / (tileSize.value + GAP)));
  const size = Math.max(32, Math.floor((room.width - MARGINS + GAP) / across) - GAP);
  const height = tileHeight(size, said) + GAP;
  lanes.current = across;
  const draw = (/** @type {number} */ first, /** @type {number} */ end) => {
    const [from, to] = [first * across, Math.min(end * across, rows ?? end * across)];
    return html`<${Sight} first=${from} end=${to} /><div class="tiles" role="listbox" aria-label="samples" aria-multiselectable="true"
      style=${{ gridTemplateColumns: `repeat(${across}, ${size}px)`, gridAutoRows: `${height - GAP}px`, gap: `${GAP}px` }}>
      ${places(from, to).map((place) => html`<${Place} key=${place} place=${place} size=${size} />`)}</div>`;
  };
  return html`<div class="gridroom" ref=${ref}>${
    room.width > 0 &&
    html`<${Virtual} lines=${Math.ceil((rows ?? across * 4) / across)}
    height=${height} startKey=${listingKey.value} scroller=${scroller} label="samples" draw=${draw} />`
  }</div>`;
}

/** @param {{width: number, height: number}} room @param {number} said lines under a tile @param {number} rows @returns {number} the size at which some rows of tiles are in sight, or all there are */
function fittingSize(room, said, rows) {
  const some = Math.min(Math.max(sizeOfHeight(Math.floor(room.height / IN_SIGHT) - GAP, said), FITTING.least), FITTING.most);
  const holdsAll = (/** @type {number} */ size) =>
    Math.floor((room.width - MARGINS + GAP) / (size + GAP)) * Math.floor(room.height / (tileHeight(size, said) + GAP)) >= rows;
  for (let size = FITTING.mostOfFew; size > some; size -= GAP) if (holdsAll(size)) return size;
  return some;
}

/** @param {{place: number, size: number}} props */
function Place({ place, size }) {
  const shown = rowAt(place);
  if (!shown)
    return html`<div class="tile is-empty" style=${{ width: `${size}px` }}><div class="face"
      style=${{ height: `${tileHeight(size, 0) - 6}px` }} /></div>`;
  const { row, cells } = shown;
  return html`<${Tile} row=${row} cells=${cells} size=${size} isSelected=${selected.value.has(row)} isCursor=${cursor.value === place} isOpen=${openRow.value === row}
    onPick=${(/** @type {MouseEvent} */ event) => pick(event, place, row)} onToggle=${() => {
      cursor.value = place;
      toggleSelected(row);
    }}
    onHover=${(/** @type {PointerEvent | null} */ event) => {
      hovered.value = event && event.pointerType === 'mouse' ? { row, x: event.clientX, y: event.clientY } : null;
    }} />`;
}

/** @param {MouseEvent} event @param {number} place @param {number} row a click opens, with ctrl it selects, with shift all up to here */
export function pick(event, place, row) {
  const before = cursor.peek();
  cursor.value = place;
  if (event.shiftKey) {
    const [first, last] = [Math.min(before, place), Math.max(before, place)];
    addSelected(
      places(first, last + 1)
        .map((each) => rowAt(each)?.row)
        .filter((each) => each !== undefined),
    );
  } else if (event.ctrlKey || event.metaKey) toggleSelected(row);
  else openSample(openRow.peek() === row ? null : row);
}
