/** Colours that people with any kind of sight can tell apart, and viridis for numbers. */

/** Ten hues; the eleventh class has the first again with another shape. */
export const HUES = ['#4477aa', '#e69f00', '#2a9d6f', '#c0539b', '#56b4e9', '#a6761d', '#7a5ccc', '#cfb92e', '#7f8c8d', '#d0707c'];

const VIRIDIS = ['#440154', '#482878', '#3e4a89', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6dcd59', '#b4de2c', '#fde725'];

/** Of what has no class. */
export const NO_CLASS = '#8a8f98';

/** @typedef {[number, number, number]} Rgb */

/** @param {number} place @returns {string} */
export const hue = (place) => HUES[place % HUES.length];

/** @param {import('../state/types.js').Class[]} classes @param {number} id @returns {string} */
export function classColor(classes, id) {
  const place = classes.findIndex((each) => each.id === id);
  if (place < 0) return NO_CLASS;
  return classes[place].color ?? hue(place);
}

/** @param {string} hex @returns {Rgb} */
export function rgb(hex) {
  const text = hex.replace('#', '');
  const full = text.length < 6 ? [...text].map((each) => each + each).join('') : text;
  return [0, 2, 4]
    .map((at) => parseInt(full.slice(at, at + 2), 16) || 0)
    .slice(0, 3)
    .reduce((all, value, at) => {
      all[at] = value;
      return all;
    }, /** @type {Rgb} */ ([0, 0, 0]));
}

/**
 * @param {string} name of a CSS variable @param {number} share 0 to 1
 * @returns {string} black or white, whichever is read better on this much of the colour on the page's paper
 */
export function inkOn(name, share) {
  const [over, under] = [rgb(css(name)), rgb(css('--paper'))];
  const light = over.map((part, at) => {
    const value = (part * share + under[at] * (1 - share)) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > BLACK_OR_WHITE ? '#000' : '#fff';
}

/** The luminance from which black has more contrast than white. */
const BLACK_OR_WHITE = 0.179;

/** @type {Rgb[]} */
const STOPS = VIRIDIS.map(rgb);

/** @param {number} part 0 to 1 @returns {Rgb} */
export function viridis(part) {
  const at = Math.min(Math.max(part, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const rest = at - low;
  const [a, b] = [STOPS[low], STOPS[low + 1]];
  return [a[0] + (b[0] - a[0]) * rest, a[1] + (b[1] - a[1]) * rest, a[2] + (b[2] - a[2]) * rest];
}

/** @param {string} name of a CSS variable, such as `--ink` @returns {string} its colour now, for canvases */
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
