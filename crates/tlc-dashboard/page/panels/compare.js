/** Did it help? Two runs or epochs, sample by sample. */
import { imageUrl } from '../api.js';
import { projectId, runs } from '../state/catalog.js';
import * as compare from '../state/comparing.js';
import { go, href, paramNow, setParams } from '../state/url.js';
import { Empty, Failure, Pick } from '../widgets/basics.js';
import { cellText, className, count, digits, titleOf } from '../widgets/format.js';
import { html } from '../widgets/html.js';
import { Picture } from '../widgets/picture.js';
import { Bar } from './bar.js';
import { MovedMatrix } from './moved.js';
import { streamTitle } from './streams.js';

/** @typedef {import('../state/types.js').Verdict} Verdict */

const VERDICTS = /** @type {[Verdict, string, string][]} */ ([
  ['newly_wrong', 'Newly wrong', 'right before, wrong now'],
  ['newly_right', 'Newly right', 'wrong before, right now'],
  ['stays_wrong', 'Stays wrong', 'wrong in both'],
  ['stays_right', 'Stays right', 'right in both'],
  ['unknown', 'Unknown', 'a label or a prediction is missing in one of them'],
]);

export function Compare() {
  const { value, error, isLoading } = compare.comparison.value;
  const failed = error ?? compare.before.value.error ?? compare.after.value.error;
  const after = runs.value.value?.find((run) => run.id === compare.afterId.value);
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
      ${compare.streams.value.length > 1 && html`<${Pick} label="of" value=${compare.streamNow.value?.name ?? ''}
        choices=${compare.streams.value.map((each) => [each.name, streamTitle(each, compare.streams.value)])}
        onChoose=${(/** @type {string} */ next) => setParams({ stream: next, be: null, ae: null })} />`}
      <span class="grow" />${value && html`<span class="dim">${apart(value.apart)}</span>`}</div>
    <${Failure} error=${failed} />
    ${compare.areTheSame.value && !compare.isImpossible.value && html`<${Empty} title="Both sides are the same">Choose another run or another epoch as before. Two runs can be ticked in the list of runs, too.<//>`}
    ${compare.isImpossible.value && html`<${Empty} title="These cannot be compared sample by sample">It needs a label and a prediction, or an accuracy, of every sample on both sides. Their curves can be laid over one another: see Curves.<//>`}
    ${!failed && !compare.areTheSame.value && html`<section class="findings verdicts" aria-label="what became of the samples"
      aria-busy=${isLoading}>${VERDICTS.map(([id, title, says]) => html`<${Card} key=${id} id=${id}
      title=${title} says=${says} />`)}</section>`}
    ${value && !compare.areTheSame.value && html`<main class="compare">${compare.areClassesTold.value && html`<section class="movedpane"><${MovedMatrix} moved=${value.moved}
      classes=${(compare.after.value.value?.columns.find((column) => column.name === compare.after.value.value?.defaults.predicted)?.classes ?? []).map((each) => each.name)} />
      </section>`}<${Changed} /></main>`}
  </div>`;
}

/** @param {{name: 'before' | 'after', side: typeof compare.before, id: string | null, epoch: string | null}} props */
function Side({ name, side, id, epoch }) {
  const list = (runs.value.value ?? []).filter((run) => run.streams.some((stream) => !stream.is_finding && stream.rows > 0));
  const epochs = side.value.value?.epochs ?? [];
  const key = name === 'before' ? 'be' : 'ae';
  return html`<span class="side row"><${Pick} label=${name} value=${id ?? ''} choices=${list.map((run) => [run.id, run.name])}
    onChoose=${(/** @type {string} */ next) => setParams({ [name]: next, [key]: null })} />
    ${epochs.length > 1 && html`<${Pick} label="epoch" value=${epoch ?? String(epochs[epochs.length - 1])}
      choices=${epochs.map((each) => [String(each), String(each)])}
      onChoose=${(/** @type {string} */ next) => setParams({ [key]: Number(next) === epochs[epochs.length - 1] ? null : next })} />`}</span>`;
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
  if (id === 'unknown' && many === 0) return null;
  const isOn = compare.verdict.value === id && compare.pair.value === null;
  return html`<button type="button" class=${`finding ${isOn ? 'is-on' : ''} ${id === 'newly_wrong' ? 'is-bad' : ''}`} aria-pressed=${isOn}
    title=${says} disabled=${counts !== undefined && many === 0} onClick=${() => compare.setVerdict(id)}>
    <span class="head"><b>${title}</b><b
      class=${`number ${id === 'newly_wrong' && many > 0 ? 'wrong' : ''}`}>${counts ? count(many) : '…'}</b></span>
    <span class="dim say">${says}${all > 0 ? `, ${((many / all) * 100).toFixed(1)} %` : ''}</span></button>`;
}

function Changed() {
  const { value, isLoading, error } = compare.changed.value;
  const by = compare.changeOf.value;
  const pair = compare.pair.value;
  const title = pair ? `${pair[0]} → ${pair[1]}` : (VERDICTS.find((each) => each[0] === compare.verdict.value)?.[1] ?? '');
  const openAll = async (/** @type {'samples' | 'review'} */ room) => {
    const rows = await compare.rowsListed();
    go([room], {
      runs: compare.afterId.value,
      stream: paramNow('stream'),
      epoch: compare.afterEpoch.value,
      f: JSON.stringify([{ type: 'rows', rows }]),
      ...(by ? { o: JSON.stringify([{ column: by, descending: true }]) } : {}),
    });
  };
  return html`<section class="rows changed" aria-label="samples" aria-busy=${isLoading}>
    <header class="rowshead"><b>${title}</b><span class="dim">by change of ${by}</span><span class="grow" /><span class="count">
      <b>${value ? count(value.total) : '…'}</b> samples</span>
      <button type="button" disabled=${!value?.total} onClick=${() => openAll('samples')}>Open in samples</button>
        <button type="button" disabled=${!value?.total} onClick=${() => openAll('review')}>Review</button></header>
    <${Failure} error=${error} />
    <div class="scroll">
      <div class="tiles flow">${value?.samples.map((each) => html`<${ChangedTile} key=${each.after} sample=${each} />`)}</div>
      ${value && value.samples.length < Math.min(value.total, 1000) && html`<button type="button"
        onClick=${compare.showMore}>more</button>`}
      ${value?.total === 0 && html`<${Empty} title="None">No sample is ${pair ? 'both' : title.toLowerCase()}.<//>`}</div>
  </section>`;
}

/** @param {{sample: import('../state/comparing.js').ChangedSample}} props */
function ChangedTile({ sample }) {
  const [one, other] = [compare.before.value.value, compare.after.value.value];
  if (!one || !other) return null;
  const { image, text, label, predicted } = other.defaults;
  const name = (
    /** @type {import('../state/types.js').View} */ view,
    /** @type {string | null | undefined} */ column,
    /** @type {Record<string, any>} */ cells,
  ) => {
    const classes = view.columns.find((each) => each.name === column)?.classes;
    const cell = column ? cells[column] : null;
    return cell === null || cell === undefined ? '—' : classes ? className(classes, Number(cell)) : String(cell);
  };
  const truth = name(other, label, sample.cells);
  const [was, now] = [name(one, one.defaults.predicted, sample.was), name(other, predicted, sample.cells)];
  const isRight = { before: ['newly_wrong', 'stays_right'].includes(sample.verdict), now: ['newly_right', 'stays_right'].includes(sample.verdict) };
  return html`<a class=${`tile ${isRight.now ? '' : 'is-wrong'}`}
    href=${href(['samples'], { runs: compare.afterId.value, stream: paramNow('stream'), epoch: compare.afterEpoch.value, row: String(sample.after) })}
    title=${`row ${sample.after}: label ${truth}, was ${was}, is ${now}`}>
    <div class="face">${image ? html`<${Picture} alt="" isLazy
      src=${imageUrl(other.id, sample.after, image)} />` : text ? html`<p class="text">${cellText(sample.cells[text], undefined)}</p>` : html`<dl class="facts-short"><dt>row</dt>
        <dd>${count(sample.after)}</dd>${compare.factsOf(other).map((column) => html`<dt key=${`${column.name} name`}>${titleOf(column)}</dt>
        <dd key=${column.name}>${cellText(sample.cells[column.name], column)}</dd>`)}</dl>`}
      ${sample.change !== null && html`<span class="value">${sample.change > 0 ? '+' : ''}${digits(sample.change)}</span>`}</div>
    ${predicted ? html`<div class="says">${label && html`<div class="cut">${truth}</div>`}<div class="cut"><span
      class=${isRight.before ? '' : 'wrong'}>${was}</span> <span class="dim">→</span> <span class=${isRight.now ? '' : 'wrong'}>${now}</span></div></div>` : ''}</a>`;
}
