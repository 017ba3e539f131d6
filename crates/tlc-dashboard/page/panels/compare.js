/** Did it help? Two runs or epochs, sample by sample. */
import { projectId, runs } from '../state/catalog.js';
import * as compare from '../state/comparing.js';
import { streamTitle, streamsOf } from '../state/streams.js';
import { href, setParams } from '../state/url.js';
import { Empty, Failure, Pick } from '../widgets/basics.js';
import { count } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Bar } from './bar.js';
import { Changed } from './changed.js';
import { MovedMatrix } from './moved.js';

/** @typedef {import('../state/types.js').Verdict} Verdict */

const UNKNOWN = /** @type {[Verdict, string, string]} */ (['unknown', 'Unknown', 'a value is missing in one of them']);
const BY_RIGHT = /** @type {[Verdict, string, string][]} */ ([
  ['newly_wrong', 'Newly wrong', 'right before, wrong now'],
  ['newly_right', 'Newly right', 'wrong before, right now'],
  ['stays_wrong', 'Stays wrong', 'wrong in both'],
  ['stays_right', 'Stays right', 'right in both'],
  UNKNOWN,
]);
/** @param {string} value @returns {[Verdict, string, string][]} where nothing tells who is right */
const byChange = (value) => [
  ['grew', 'Grew', `${value} is greater now`],
  ['fell', 'Fell', `${value} is smaller now`],
  ['unchanged', 'Unchanged', `${value} is the same in both`],
  UNKNOWN,
];
/** Of which there is a card only if there are any. @type {Verdict[]} */
const ODD = ['unknown', 'unchanged'];

export function Compare() {
  const { value, error, isLoading } = compare.comparison.value;
  const failed = error ?? compare.before.value.error ?? compare.after.value.error;
  const after = runs.value.value?.find((run) => run.id === compare.afterId.value);
  const verdicts = compare.rightBy.value === 'change' ? byChange(compare.changeOf.value ?? '') : BY_RIGHT;
  const tabs = after
    ? [
        { name: 'Samples', href: href(['samples'], { runs: after.id }), isHere: false },
        {
          name: 'Curves',
          href: href(['project', projectId.value ?? '', 'runs'], {
            run: after.id,
            on: [...new Set([after.id, compare.beforeId.value])].join(','),
          }),
          isHere: false,
        },
        { name: 'Compare', href: location.hash, isHere: true },
      ]
    : [];
  return html`<div class="room"><${Bar} places=${after ? [{ name: after.name }] : []} tabs=${tabs} />
    <div class="sides row"><${Side} name="before" side=${compare.before} id=${compare.beforeId.value} epoch=${compare.beforeEpoch.value} />
      <span class="dim">→</span><${Side} name="after" side=${compare.after} id=${compare.afterId.value} epoch=${compare.afterEpoch.value} />
      ${
        compare.streams.value.length > 1 &&
        html`<${Pick} label="of" value=${compare.streamNow.value?.name ?? ''}
        choices=${compare.streams.value.map((each) => [each.name, streamTitle(each, compare.streams.value)])}
        onChoose=${(/** @type {string} */ next) => setParams({ stream: next, be: null, ae: null })} />`
      }
      <span class="grow" />${value && html`<span class="dim">${apart(value.apart)}</span>`}</div>
    <${Failure} error=${failed} />
    ${compare.areTheSame.value && !compare.isImpossible.value && html`<${Empty} title="Both sides are the same">Choose another run or another epoch as before. Two runs can be ticked in the list of runs, too.<//>`}
    ${compare.isImpossible.value && html`<${Empty} title="These cannot be compared sample by sample">It needs a number that tells how good each sample is, such as its loss, on both sides. Their curves can be laid over one another: see Curves.<//>`}
    ${
      !failed &&
      !compare.areTheSame.value &&
      html`<section class="findings verdicts" aria-label="what became of the samples"
      aria-busy=${isLoading}>${verdicts.map(
        ([id, title, says]) => html`<${Card} key=${id} id=${id}
      title=${title} says=${says} />`,
      )}</section>`
    }
    ${
      value &&
      !compare.areTheSame.value &&
      html`<main class="compare">${
        compare.rightBy.value === 'same' &&
        html`<section class="movedpane"><${MovedMatrix} moved=${value.moved}
      classes=${(compare.after.value.value?.columns.find((column) => column.name === compare.after.value.value?.defaults.predicted)?.classes ?? []).map((each) => each.name)} />
      </section>`
      }<${Changed} title=${verdicts.find((each) => each[0] === compare.verdict.value)?.[1] ?? ''} /></main>`
    }
  </div>`;
}

/** @param {{name: 'before' | 'after', side: typeof compare.before, id: string | null, epoch: string | null}} props */
function Side({ name, side, id, epoch }) {
  const list = (runs.value.value ?? []).filter((run) => streamsOf(run).length > 0);
  const epochs = side.value.value?.epochs ?? [];
  const key = name === 'before' ? 'be' : 'ae';
  return html`<span class="side row"><${Pick} label=${name} value=${id ?? ''} choices=${list.map((run) => [run.id, run.name])}
    onChoose=${(/** @type {string} */ next) => setParams({ [name]: next, [key]: null })} />
    ${
      epochs.length > 1 &&
      html`<${Pick} label="epoch" value=${epoch ?? String(epochs[epochs.length - 1])}
      choices=${epochs.map((each) => [String(each), String(each)])}
      onChoose=${(/** @type {string} */ next) => setParams({ [key]: Number(next) === epochs[epochs.length - 1] ? null : next })} />`
    }</span>`;
}

/** @param {{only_before: number, only_after: number, repeated: number}} rows */
const apart = ({ only_before: before, only_after: after, repeated }) =>
  [before > 0 && `${count(before)} only before`, after > 0 && `${count(after)} only after`, repeated > 0 && `${count(repeated)} repeated`]
    .filter(Boolean)
    .join(', ');

/** @param {{id: Verdict, title: string, says: string}} props */
function Card({ id, title, says }) {
  const counts = compare.comparison.value.value?.counts;
  const all = Object.values(counts ?? {}).reduce((sum, each) => sum + each, 0);
  const many = counts?.[id] ?? 0;
  if (ODD.includes(id) && many === 0) return null;
  const isBad = id === 'newly_wrong' || id === 'grew';
  const isOn = compare.verdict.value === id && compare.pair.value === null;
  return html`<button type="button" class=${`finding ${isOn ? 'is-on' : ''} ${isBad ? 'is-bad' : ''}`} aria-pressed=${isOn}
    title=${says} disabled=${counts !== undefined && many === 0} onClick=${() => compare.setVerdict(id)}>
    <span class="head"><b>${title}</b><b
      class=${`number ${isBad && many > 0 ? 'wrong' : ''}`}>${counts ? count(many) : '…'}</b></span>
    <span class="dim say">${says}${all > 0 ? `, ${((many / all) * 100).toFixed(1)} %` : ''}</span></button>`;
}
