/**
 * An image with what is over it: masks as images, boxes as drawings. All of them keep the whole image in sight, in
 * the middle of their room, so that they lie on one another without any computation.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { NO_CLASS } from '../charts/colors.js';
import { percent } from './format.js';
import { html } from './html.js';
import { useSize } from './hooks.js';
import { Shape, rectOf } from './shapes.js';

/** @typedef {import('../state/types.js').Class} Class */
/** @typedef {import('../state/types.js').Skeleton} Skeleton */
/** @typedef {import('./shapes.js').Box} Box */
/** @typedef {import('./shapes.js').Size} Size */
/** @typedef {{kind: 'mask', name: string, src: string}} MaskLayer */
/** @typedef {{kind: 'boxes', name: string, boxes: Box[], classes: Class[], skeletons: Skeleton[], isOfModel: boolean, isShare: boolean}} BoxLayer */
/** @typedef {MaskLayer | BoxLayer} Layer */

const MOST_BOXES = 300;
/** How high a label is, and how wide a letter of it. */
const LABEL = { height: 16, letter: 6.5 };

/**
 * @param {object} props
 * @param {string | undefined} props.src nothing before it is known
 * @param {string} props.alt
 * @param {Layer[]} [props.layers]
 * @param {boolean} [props.isLabelled] there is room to say what the boxes are
 * @param {boolean} [props.isLazy]
 */
export function Picture({ src, alt, layers = [], isLabelled = false, isLazy = false }) {
  const image = useRef(/** @type {HTMLImageElement | null} */ (null));
  const [natural, setNatural] = useState(/** @type {Size | null} */ (null));
  const [isBroken, setBroken] = useState(false);
  const onLoad = () => {
    const { naturalWidth: width, naturalHeight: height } = image.current ?? { naturalWidth: 0, naturalHeight: 0 };
    setBroken(false);
    if (layers.length > 0) setNatural({ width, height });
    sharpen(image.current);
  };
  useLayoutEffect(() => {
    sharpen(image.current);
    const { current } = image;
    if (layers.length > 0 && natural === null && current?.complete && current.naturalWidth > 0) onLoad();
  });
  const boxes = natural && /** @type {BoxLayer[]} */ (layers.filter((layer) => layer.kind === 'boxes'));
  return html`<div class="picture">
    ${
      src &&
      html`<img ref=${image} alt=${alt} src=${src} draggable=${false} loading=${isLazy ? 'lazy' : 'eager'} decoding="async" onLoad=${onLoad}
      onError=${() => setBroken(true)} />`
    }
    ${layers.map((layer) => layer.kind === 'mask' && html`<img key=${layer.name} class="mask" alt="" src=${layer.src} draggable=${false} />`)}
    ${boxes && boxes.length > 0 && html`<${Boxes} layers=${boxes} natural=${natural} />`}
    ${boxes && boxes.length > 0 && isLabelled && html`<${Labels} layers=${boxes} natural=${natural} />`}
    ${isBroken && html`<span class="broken dim">no image</span>`}
  </div>`;
}

/** Images that are to keep their pixels if they are shown larger than they are. @type {Set<HTMLImageElement>} */
const waiting = new Set();

/** @param {HTMLImageElement | null} image */
function sharpen(image) {
  if (!image) return;
  if (waiting.size === 0) requestAnimationFrame(sharpenAll);
  waiting.add(image);
}

/** All are looked at before one is changed: a look after a change lays the page out again. */
function sharpenAll() {
  const found = [...waiting].map((image) => ({ image, isLarger: isEnlarged(image) }));
  waiting.clear();
  for (const { image, isLarger } of found) image.parentElement?.classList.toggle('is-enlarged', isLarger);
}

/** @param {HTMLImageElement} image */
function isEnlarged({ naturalWidth, naturalHeight, clientWidth, clientHeight }) {
  return naturalWidth > 0 && Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) > 1;
}

/** @param {BoxLayer} layer @param {Size} natural of the image @returns {Size} pixels that a coordinate of 1 is */
const unitOf = (layer, natural) => (layer.isShare ? natural : { width: 1, height: 1 });

/** @param {BoxLayer} layer @param {Box} box */
const classOf = (layer, box) => layer.classes.find((each) => each.id === box.label);
/** @param {BoxLayer} layer @param {Box} box */
const colorOf = (layer, box) => classOf(layer, box)?.color ?? NO_CLASS;
/** @param {BoxLayer} layer @param {Box} box */
const edgesOf = (layer, box) => layer.skeletons.find((each) => each.class === undefined || each.class === box.label)?.edges ?? [];

/** @param {{layers: BoxLayer[], natural: Size}} props those of the table have whole lines, those of the model broken ones */
const Boxes = ({
  layers,
  natural,
}) => html`<svg class="boxes" viewBox=${`0 0 ${natural.width} ${natural.height}`} preserveAspectRatio="xMidYMid meet"
  role="img" aria-label=${layers.map(summary).join('; ')}>
  ${layers.flatMap((layer) =>
    layer.boxes.slice(0, MOST_BOXES).map(
      (box, at) => html`<g key=${`${layer.name} ${at}`} class=${layer.isOfModel ? 'is-model' : ''}><${Shape}
        box=${box} unit=${unitOf(layer, natural)} color=${colorOf(layer, box)} edges=${edgesOf(layer, box)} /></g>`,
    ),
  )}</svg>`;

/** @param {BoxLayer} layer @returns {string} */
const summary = (layer) => `${layer.name}: ${layer.boxes.map((box) => said(layer, box)).join(', ')}`;

/** @param {BoxLayer} layer @param {Box} box @returns {string} */
const said = (layer, box) =>
  `${classOf(layer, box)?.name ?? String(box.label ?? 'no class')}${typeof box.confidence === 'number' ? ` ${percent(box.confidence)}` : ''}`;

/** @param {{layers: BoxLayer[], natural: Size}} props what the boxes are, as far as there is room */
function Labels({ layers, natural }) {
  const [ref, room] = useSize();
  const scale = Math.min(room.width / natural.width, room.height / natural.height);
  const [x, y] = [(room.width - natural.width * scale) / 2, (room.height - natural.height * scale) / 2];
  const all = layers.flatMap((layer) =>
    layer.boxes.slice(0, MOST_BOXES).map((box) => {
      const place = rectOf(box, unitOf(layer, natural));
      const text = said(layer, box);
      const width = text.length * LABEL.letter + 8;
      const edge = layer.isOfModel ? place.y + place.height : place.y;
      const top = y + edge * scale - (layer.isOfModel ? 0 : LABEL.height);
      return {
        text,
        color: colorOf(layer, box),
        isOfModel: layer.isOfModel,
        weight: box.confidence ?? 1,
        left: Math.max(0, Math.min(x + place.x * scale, room.width - width)),
        top: Math.max(0, Math.min(top, room.height - LABEL.height)),
        width,
      };
    }),
  );
  return html`<div class="labels" ref=${ref} aria-hidden="true">${
    room.width > 0 &&
    apart(all).map(
      (each, at) =>
        html`<span key=${at} class=${each.isOfModel ? 'is-model' : ''} style=${{ left: `${each.left}px`, top: `${each.top}px`, borderColor: each.color }}>${each.text}</span>`,
    )
  }</div>`;
}

/**
 * @template {{left: number, top: number, width: number, weight: number}} L
 * @param {L[]} labels @returns {L[]} those that have room beside one another, the surest first
 */
function apart(labels) {
  /** @type {L[]} */
  const kept = [];
  const touches = (/** @type {L} */ a, /** @type {L} */ b) =>
    a.left < b.left + b.width && b.left < a.left + a.width && Math.abs(a.top - b.top) < LABEL.height;
  for (const label of labels.toSorted((a, b) => b.weight - a.weight)) if (!kept.some((other) => touches(label, other))) kept.push(label);
  return kept;
}
