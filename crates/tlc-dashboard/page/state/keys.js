/** Keys: panels say what theirs do, the page hears them, and the help lists all. */

/** @typedef {(event: KeyboardEvent) => void} Action */

/** @type {Map<string, Action>[]} */
const layers = [];

/**
 * Keys of a panel while it is there; a later panel comes before an earlier one.
 *
 * @param {Record<string, Action>} actions by name of the key, `shift+u`, `ctrl+enter`
 * @returns {() => void} what takes them away
 */
export function bindKeys(actions) {
  const layer = new Map(Object.entries(actions));
  layers.push(layer);
  return () => layers.splice(layers.indexOf(layer), 1);
}

/** @param {KeyboardEvent} event @returns {string} */
export function keyName(event) {
  const name = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const isLetter = /^[a-z]$/.test(name);
  const control = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  const shift = event.shiftKey && (isLetter || name.length > 1) ? 'shift+' : '';
  return `${control}${shift}${name}`;
}

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.altKey) return;
  const name = keyName(event);
  if (event.target instanceof HTMLInputElement && event.target.type === 'range' && name.startsWith('arrow')) return;
  if (isWriting(event.target) && !['escape', 'ctrl+enter'].includes(name)) return;
  if ((name === 'enter' || name === 'space') && isPressable(event.target)) return;
  const layer = layers.findLast((each) => each.has(name));
  if (!layer) return;
  event.preventDefault();
  layer.get(name)?.(event);
});

// What was pressed by the pointer does not take the keys that come after.
window.addEventListener('click', (event) => {
  const active = document.activeElement;
  if (
    event.detail > 0 &&
    active instanceof HTMLElement &&
    active.matches('button, a, input[type=checkbox], input[type=range]') &&
    !active.closest('dialog, details')
  )
    active.blur();
});

/** @param {EventTarget | null} target */
const isWriting = (target) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && !['checkbox', 'button', 'range'].includes(target.type));

/** @param {EventTarget | null} target */
const isPressable = (target) => target instanceof Element && target.matches('button, a, summary, input, [role=option]');

/** Every key there is, as the help shows them. @type {[string, [string, string][]][]} */
export const KEYS = [
  [
    'Everywhere',
    [
      ['?', 'all keys'],
      ['esc', 'close, or one step back'],
      ['/', 'write a filter'],
      ['d', 'dark or light'],
    ],
  ],
  [
    'Runs',
    [
      ['↑ ↓', 'run before, run after'],
      ['space', 'tick the run'],
      ['enter', 'open its samples'],
      ['shift+c', 'compare the two runs that are ticked'],
    ],
  ],
  [
    'Samples',
    [
      ['f', 'findings on or off'],
      ['shift+f', 'filters on or off'],
      ['g', 'grid or table'],
      ['c', 'charts on or off'],
      ['o', 'boxes and masks on or off'],
      ['← → ↑ ↓', 'move'],
      ['space', 'select'],
      ['enter', 'open the sample'],
      ['x', 'clear the selection, then the filters'],
      ['a', 'accept the prediction of what is selected'],
      ['l', 'set the label of what is selected'],
      ['w', 'weight 0 for what is selected'],
      ['u', 'undo'],
      ['shift+u', 'redo'],
      ['r', 'review what is selected, or what matches'],
      ['[ ]', 'epoch back and forth'],
      ['- +', 'smaller and larger images'],
      ['ctrl+enter', 'commit'],
    ],
  ],
  [
    'Review',
    [
      ['k or enter', 'the label is right: keep it'],
      ['a', 'accept the prediction'],
      ['1 … 9, 0', 'set the class'],
      ['w', 'weight 0'],
      ['s', 'skip'],
      ['o', 'boxes and masks on or off'],
      ['← →', 'sample before, sample after'],
      ['u', 'undo'],
      ['shift+u', 'redo'],
      ['ctrl+enter', 'commit'],
      ['esc', 'back to the samples'],
    ],
  ],
];
