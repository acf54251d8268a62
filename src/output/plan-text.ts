import type { Action, Change, Plan } from '../plan/types.ts';
import { MARKS } from './marks.ts';
import type { Painter } from './paint.ts';
import { describe } from './plan-words.ts';

export interface PlanTextOptions {
  /** Width of the terminal; null: not a terminal, nothing is cut. */
  readonly columns: number | null;
  readonly utf8: boolean;
  readonly paint: Painter;
  /** Also show what is kept. */
  readonly verbose: boolean;
}

const SHORT = 8;
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

const clock = (time: string): string => time.slice(11, 16);
/** A fingerprint as people see it; apply takes this form too. */
export const shortFingerprint = (plan: Plan): string => plan.fingerprint.replace('sha256:', '').slice(0, SHORT);

function plain(text: string): string {
  return text.replaceAll('→', '->').replaceAll('·', '-').replaceAll('…', '...');
}

function rowsOf(plan: Plan, { columns, utf8, paint, verbose }: PlanTextOptions): readonly string[] {
  const shown = plan.changes.filter((change) => verbose || change.action !== 'keep' || change.moved_from !== undefined);
  const width = Math.min(48, Math.max(0, ...shown.map(({ key }) => key.length)));
  return shown.map((change: Change) => {
    const mark = MARKS[change.action];
    const text = `${change.key.padEnd(width)}  ${describe(change)}`.trimEnd();
    const row = utf8 ? text : plain(text);
    const cut =
      columns !== null && row.length + 2 > columns
        ? `${row.slice(0, Math.max(change.key.length, columns - 3))}${utf8 ? '…' : '~'}`
        : row;
    return `${paint[mark.paint](utf8 ? mark.utf8 : mark.ascii)} ${cut}`;
  });
}

/** The plan for people (screens.md): the answer first, then the addresses, then the detail. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  const { utf8, paint } = options;
  const dot = utf8 ? ' · ' : ' - ';
  const count = `${plan.changes.length} item${plan.changes.length === 1 ? '' : 's'}`;
  const idle = plan.changes.every(
    ({ action, moved_from }) => (action === 'keep' || action === 'wait') && moved_from === undefined,
  );
  if (idle && plan.vanishing.length === 0 && !options.verbose) {
    const until = plan.changes.flatMap((change) => change.until ?? []).sort()[0] ?? plan.next_run;
    return `${[plan.project, count, `nothing to do until ${clock(until)} UTC`].join(dot)}\n`;
  }
  const { serial, saved_at } = plan.base.state;
  const state = saved_at === null ? 'no state yet' : `state ${serial} (saved ${clock(saved_at)} UTC)`;
  const summary = ORDER.flatMap((action) => {
    const number = plan.summary[action];
    const mark = MARKS[action];
    return number === undefined ? [] : [paint[mark.paint](`${utf8 ? mark.utf8 : mark.ascii} ${number} ${action}`)];
  });
  const lines = [
    [plan.project, count, state, `now ${clock(plan.now)} UTC, next run ${clock(plan.next_run)}`].join(dot),
    summary.join('   '),
    '',
    ...rowsOf(plan, options),
  ];
  if (plan.vanishing.length > 0) {
    lines.push('', 'Lapses before the next run and nothing renews it:');
    for (const { key, expires_at, because } of plan.vanishing) lines.push(`  ${key}   ${expires_at}   ${because}`);
  }
  const short = shortFingerprint(plan);
  if (!idle)
    lines.push('', `fingerprint ${short}   ${paint.dim(`\`mc-ingest apply --expect ${short}\` does exactly this`)}`);
  return `${lines.join('\n')}\n`;
}
