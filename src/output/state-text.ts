import type { AppliedItem } from '../plan/types.ts';
import type { RunRecord } from '../state/types.ts';

// Names and answers come from outside: their control characters must not reach the terminal as commands.
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}

/** One line for an item: key, when it lapses or was pushed, what is open. */
export function itemLine(item: AppliedItem): string {
  const when =
    item.kind === 'flow'
      ? `pushed ${item.push.last_pushed_at ?? 'never'}${item.push.unfinished === true ? ', unfinished' : ''}`
      : `until ${item.expires_at}`;
  const doubt = item.in_doubt === undefined ? '' : `, in doubt since ${item.in_doubt.since}`;
  return plain(`${item.key}  ${when}${doubt}`);
}

/** All of an item, one member a line. */
export function itemText(item: AppliedItem): string {
  return Object.entries(item)
    .map(([name, value]) => `${plain(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)}\n`)
    .join('');
}

/** One line a run, newest first; with `receipts`, every receipt of it below. */
export function historyText(records: readonly RunRecord[], options: { readonly receipts?: true } = {}): string {
  if (records.length === 0) return 'no run yet\n';
  return records
    .map((record) => {
      const receipts = record.changes.flatMap((change) =>
        change.receipts.map((receipt) => ({ key: change.key, ...receipt })),
      );
      const count = `${receipts.length} receipt${receipts.length === 1 ? '' : 's'}`;
      const head = plain(`${record.run}  ${record.started_at}  ${record.command}  ${record.outcome}  ${count}`);
      const shown = options.receipts === true ? receipts : [];
      return [
        head,
        ...shown.map(({ key, endpoint, invocation_id, mcon, events, at }) =>
          plain(
            `  ${at}  ${key}  ${endpoint}  ${invocation_id ?? mcon ?? 'no id'}  ${events} event${events === 1 ? '' : 's'}`,
          ),
        ),
        '',
      ].join('\n');
    })
    .join('');
}
