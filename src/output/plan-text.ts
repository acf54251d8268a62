import { grouped } from '../grouped.ts';
import type { Action, Change, Plan } from '../plan/types.ts';
import { MARKS } from './marks.ts';
import { moment } from './moment.ts';
import type { Painter } from './paint.ts';
import { describe } from './plan-words.ts';
import { cells, cut, flow, padded, printable } from './printable.ts';

export interface PlanTextOptions {
  /** Width of the terminal; null: not a terminal, nothing is cut. */
  readonly columns: number | null;
  readonly utf8: boolean;
  readonly paint: Painter;
  /** Also show what is kept. */
  readonly verbose: boolean;
  /** The flags that `apply` needs to make the same plan, as a shell reads them: `--select 'stg_*'`. */
  readonly flags?: string;
}

const SHORT = 8;
const WIDEST_KEY = 48;
const NARROWEST_TEXT = 16;
const ORDER: readonly Action[] = [
  'create',
  'update',
  'renew',
  'recreate',
  'replace',
  'delete',
  'forget',
  'push',
  'wait',
  'keep',
];

/** A fingerprint as people see it; apply takes this form too. */
export const shortFingerprint = (plan: Plan): string => plan.fingerprint.replace('sha256:', '').slice(0, SHORT);

function plain(text: string): string {
  return text.replaceAll('→', '->').replaceAll(' · ', ' - ').replaceAll('…', '...');
}

const isShown = ({ action, moved_from }: Change): boolean => action !== 'keep' || moved_from !== undefined;

interface Cell {
  readonly key: string;
  readonly text: string;
}

/** A key and what is said of it, in one line; in a narrow window in two. A key is never cut. */
function lines({ key, text }: Cell, width: number, { columns, utf8 }: PlanTextOptions): readonly string[] {
  const said = utf8 ? text : plain(text);
  const mark = utf8 ? '…' : '~';
  if (said === '') return [key];
  if (columns === null) return [`${padded(key, width)}  ${said}`];
  const left = columns - 2 - Math.max(width, cells(key)) - 2;
  if (left >= NARROWEST_TEXT || left >= cells(said)) return [`${padded(key, width)}  ${cut(said, left, mark)}`];
  return [key, `    ${cut(said, Math.max(NARROWEST_TEXT, columns - 6), mark)}`];
}

function keyWidth(keys: readonly string[], columns: number | null): number {
  const widest = keys.reduce((width, key) => Math.max(width, cells(key)), 0);
  return Math.min(widest, WIDEST_KEY, columns === null ? WIDEST_KEY : Math.floor(columns / 2));
}

function rows(plan: Plan, options: PlanTextOptions): readonly string[] {
  const { utf8, paint, verbose, columns } = options;
  const shown = plan.changes
    .filter((change) => verbose || isShown(change))
    .map((change) => ({ change, key: printable(change.key) }));
  const width = keyWidth(
    shown.map(({ key }) => key),
    columns,
  );
  return shown.flatMap(({ change, key }) => {
    const mark = MARKS[change.action];
    const [first = '', ...rest] = lines({ key, text: describe(change, plan.now) }, width, options);
    return [`${paint[mark.paint](utf8 ? mark.utf8 : mark.ascii)} ${first}`, ...rest.map((line) => `  ${line}`)];
  });
}

function header(plan: Plan, { utf8, columns }: PlanTextOptions, facts: readonly string[]): readonly string[] {
  const count = `${grouped(plan.changes.length)} item${plan.changes.length === 1 ? '' : 's'}`;
  return flow([printable(plan.project), count, ...facts], utf8 ? ' · ' : ' - ', columns);
}

/** What is said of the state and the time. The date of now stands there when it is not that of the state. */
function facts({ base, now, next_run }: Plan): readonly string[] {
  const { serial, saved_at } = base.state;
  const today = saved_at === null ? now : saved_at;
  const state = saved_at === null ? 'no state yet' : `state ${serial} (saved ${moment(saved_at, now)} UTC)`;
  return [state, `now ${moment(now, today)} UTC, next run ${moment(next_run, now)}`];
}

function summary(plan: Plan, { utf8, paint, columns }: PlanTextOptions): readonly string[] {
  const parts = ORDER.flatMap((action) => {
    const number = plan.summary[action];
    const mark = MARKS[action];
    if (number === undefined) return [];
    return [{ text: `${utf8 ? mark.utf8 : mark.ascii} ${grouped(number)} ${action}`, paint: mark.paint }];
  });
  const wrapped = flow(
    parts.map(({ text }) => text),
    '   ',
    columns,
  );
  // Coloured after the lines are made: colours take no room.
  return wrapped.map((line) =>
    parts.reduce((done, part) => done.replace(part.text, (text) => paint[part.paint](text)), line),
  );
}

function footer(plan: Plan, options: PlanTextOptions): readonly string[] {
  if (plan.vanishing.length === 0) return [];
  const { columns } = options;
  const keys = plan.vanishing.map(({ key }) => printable(key));
  const width = keyWidth(keys, columns);
  const said = plan.vanishing.flatMap(({ expires_at, because }, index) =>
    lines({ key: keys[index] ?? '', text: `${moment(expires_at, plan.now)}   ${because}` }, width, options),
  );
  return ['', 'Lapses before the next run and nothing renews it:', ...said.map((line) => `  ${line}`)];
}

function approval(plan: Plan, { paint, columns, flags }: PlanTextOptions): readonly string[] {
  const short = shortFingerprint(plan);
  const command = ['mc-ingest apply --expect', short, ...(flags === undefined || flags === '' ? [] : [flags])].join(
    ' ',
  );
  const [first = '', ...rest] = flow([`fingerprint ${short}`, `\`${command}\` does exactly this`], '   ', columns);
  if (rest.length > 0) return ['', first, ...rest.map((line) => paint.dim(line))];
  const split = `fingerprint ${short}`.length;
  return ['', `${first.slice(0, split)}${paint.dim(first.slice(split))}`];
}

/** The plan for people (screens.md): the answer first, then the addresses, then the detail. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  const idle = plan.changes.every(
    ({ action, moved_from }) => (action === 'keep' || action === 'wait') && moved_from === undefined,
  );
  if (idle && plan.vanishing.length === 0 && !options.verbose) {
    const until = plan.idle_until === null ? '' : ` until ${moment(plan.idle_until, plan.now)} UTC`;
    return `${header(plan, options, [`nothing to do${until}`]).join('\n')}\n`;
  }
  const text = [
    ...header(plan, options, facts(plan)),
    ...summary(plan, options),
    '',
    ...rows(plan, options),
    ...footer(plan, options),
    ...(idle ? [] : approval(plan, options)),
  ];
  return `${text.join('\n')}\n`;
}
