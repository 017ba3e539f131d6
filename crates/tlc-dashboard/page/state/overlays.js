/** What is drawn over images: boxes and masks, of the table and of the model. */
import { computed } from '@preact/signals';
import { maskUrl } from '../api.js';
import { parsed } from '../widgets/format.js';
import { imageSrc } from './images.js';
import { listOf, param, setParams, toggled } from './url.js';
import { defaults, viewId, viewNow } from './view.js';

/** @typedef {import('./types.js').Column} Column */
/** @typedef {import('./types.js').Cell} Cell */
/** @typedef {import('../widgets/picture.js').Layer} Layer */

const hidden = param('off');
const hiddenNames = computed(() => listOf(hidden.value));

/** Columns that can be drawn over the image, those of the table first. @type {import('@preact/signals').ReadonlySignal<Column[]>} */
export const overlays = computed(() =>
  defaults.value.image
    ? (viewNow.value?.columns ?? [])
        .filter((column) => column.shows === 'boxes' || column.shows === 'mask')
        .toSorted((a, b) => Number(isOfModel(a)) - Number(isOfModel(b)))
    : [],
);
export const shownOverlays = computed(() => overlays.value.filter((column) => !hiddenNames.value.includes(column.name)));
/** Columns whose cells are needed to draw them; masks are fetched as pictures. */
export const boxColumns = computed(() => shownOverlays.value.filter((column) => column.shows === 'boxes').map((column) => column.name));

/** @param {Column} column */
export const isOfModel = (column) => column.role === 'prediction' || (!column.is_of_table && column.role !== 'label');

/** @param {string} name */
export const toggleOverlay = (name) => setParams({ off: toggled(hiddenNames.peek(), name) || null });

/** Takes all away, or brings all back where one is missing. */
export const toggleOverlays = () =>
  overlays.peek().length > 0 &&
  setParams({
    off: hiddenNames.peek().length
      ? null
      : overlays
          .peek()
          .map((column) => column.name)
          .join(','),
  });

/** @param {number} row @param {Record<string, Cell>} cells @returns {{src: string | undefined, layers: Layer[]}} the image of a row and what is over it */
export function pictureOf(row, cells) {
  const id = viewId.value ?? '';
  return {
    src: imageSrc(id, row, defaults.value.image ?? ''),
    layers: shownOverlays.value.flatMap((column) => layerOf(id, row, column, cells)),
  };
}

/** @param {string} id @param {number} row @param {Column} column @param {Record<string, Cell>} cells @returns {Layer[]} */
function layerOf(id, row, column, cells) {
  if (column.shows === 'mask') return [{ kind: 'mask', name: column.name, src: maskUrl(id, row, column.name) }];
  const boxes = parsed(cells[column.name]);
  if (!Array.isArray(boxes) || boxes.length === 0) return [];
  return [
    {
      kind: 'boxes',
      name: column.name,
      boxes,
      classes: column.classes ?? [],
      skeletons: column.skeletons,
      isOfModel: isOfModel(column),
      isShare: column.unit === 'fraction',
    },
  ];
}
