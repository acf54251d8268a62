import type { RunChange, RunRecord } from '../state/types.ts';
import { printable } from './printable.ts';

interface Paint {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
}

const IDS_SHOWN = 20;

function counts(rows: readonly RunChange[], paint: Paint): string {
  const colour: Record<RunChange['status'], (text: string) => string> = {
    done: paint.green,
    failed: paint.red,
    unknown: paint.red,
    skipped: paint.yellow,
    waiting: paint.dim,
  };
  const parts: string[] = [];
  for (const status of ['done', 'failed', 'unknown', 'skipped', 'waiting'] as const) {
    const number = rows.filter((row) => row.status === status).length;
    if (number > 0) parts.push(colour[status](`${status} ${number}`));
  }
  return parts.length === 0 ? 'nothing to do' : parts.join(' · ');
}

/** Why a change is not simply done; empty for what went well and has nothing to say. */
function why(row: RunChange): string {
  if (row.status === 'failed' || row.status === 'unknown') return row.error?.message ?? row.because ?? '';
  if (row.status === 'waiting') return `until ${row.until ?? '?'}`;
  return row.because ?? '';
}

const NAMED = 3;

/** What a person must read: one entry for all changes that fared alike, nothing for what went well. */
function details(rows: readonly RunChange[], paint: Paint): readonly string[] {
  const alike = new Map<string, RunChange[]>();
  for (const row of rows) {
    if (row.status === 'done' && row.because === undefined) continue;
    const id = `${row.status} ${row.error?.code ?? ''} ${why(row)}`;
    const group = alike.get(id);
    if (group === undefined) alike.set(id, [row]);
    else group.push(row);
  }
  return [...alike.values()].flatMap((group) => detail(group, paint));
}

function detail(group: readonly RunChange[], paint: Paint): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { status, error } = first;
  const colour = {
    failed: paint.red,
    unknown: paint.red,
    skipped: paint.yellow,
    waiting: paint.dim,
    done: paint.yellow,
  };
  const keys = group.slice(0, NAMED).map(({ key }) => key);
  const more = group.length - keys.length;
  const who = more > 0 ? `${group.length} items: ${keys.join(', ')} and ${more} more` : keys.join(', ');
  const line =
    `${colour[status]((status === 'done' ? 'note' : status).padEnd(7))} ${printable(`${who}  ${why(first)}`)}`.trimEnd();
  if (status !== 'failed' && status !== 'unknown') return [line];
  return [line, paint.dim(`        more  mc-ingest explain ${error?.code ?? 'exit-codes'}`)];
}

function eventsText(count: number): string {
  return `${count} event${count === 1 ? '' : 's'}`;
}

function clock(time: string): string {
  return time.slice(11, 19);
}

/** The ids of a run, one a line; a push without a handle says so. */
function ids(rows: readonly RunChange[]): readonly string[] {
  const lines = rows.flatMap((row) =>
    row.receipts
      .filter((receipt) => receipt.endpoint !== 'graphql')
      .map(
        (receipt) =>
          `  ${row.key}  ${receipt.invocation_id ?? 'accepted without an id'}  ${eventsText(receipt.events)}  ${clock(receipt.at)} UTC`,
      ),
  );
  if (lines.length === 0) return [];
  const more = lines.length - IDS_SHOWN;
  return [
    '',
    'invocation ids',
    ...lines.slice(0, IDS_SHOWN),
    ...(more > 0 ? [`  … ${more} more: mc-ingest state history`] : []),
  ];
}

/** What apply, collect and push print for people when they end. */
export function runText(record: RunRecord, paint: Paint): string {
  const seconds = Math.max(0, (Date.parse(record.finished_at) - Date.parse(record.started_at)) / 1000);
  const verb = { apply: 'applied', push: 'pushed', collect: 'collected' }[record.command] ?? record.command;
  const lines = [
    `${record.outcome === 'done' ? verb : record.outcome} in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s · run ${record.run}`,
    counts(record.changes, paint),
  ];
  const told = details(record.changes, paint);
  if (told.length > 0) lines.push('', ...told);
  lines.push(...ids(record.changes));
  if (record.outcome === 'partial')
    lines.push('', `exit ${record.exit_code}: what is left is done by the next \`mc-ingest apply\``);
  if (record.outcome === 'in_doubt')
    lines.push(
      '',
      `exit ${record.exit_code}: something was sent and its answer was lost; the next \`mc-ingest apply\` sends it once more`,
    );
  return `${lines.join('\n')}\n`;
}

/** The line of one receipt on stderr: a killed run leaves its ids in the log of the job. */
export function receiptLine(
  key: string,
  receipt: {
    readonly endpoint: string;
    readonly invocation_id: string | null;
    readonly mcon?: string;
    readonly events: number;
    readonly trace_id: string;
  },
): string {
  const handle = receipt.invocation_id ?? receipt.mcon ?? `no id (trace ${receipt.trace_id})`;
  return `receipt  ${key}  ${receipt.endpoint}  ${handle}  ${eventsText(receipt.events)}`;
}
