import type { Change, FieldChange } from '../plan/types.ts';
import { moment } from './moment.ts';
import { printable } from './printable.ts';

const HOUR = 3_600_000;
const TIMES = new Set(['expireAt', 'expires_at']);

function value(of: unknown): string {
  if (of === null || of === undefined) return '(none)';
  return typeof of === 'string' && of !== '' ? of : JSON.stringify(of);
}

function field({ path, before, after }: FieldChange, now: string): string {
  const said = (of: unknown): string => (TIMES.has(path) && typeof of === 'string' ? moment(of, now) : value(of));
  return `${path}  ${said(before)} → ${said(after)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  column_lineage_lapses: 'its columns lapse',
  definition_changed: 'its definition changed',
  due: 'due',
  end_expired_as_declared: 'an end of it has lapsed, as declared',
  end_of_a_desired_edge: 'no longer in the file, but an edge ends at it',
  end_recreated: 'made again with its end',
  end_replaced: 'made again on the new node',
  expired: 'it lapsed',
  expired_as_declared: 'it lapsed, as declared',
  handle_unknown: 'no longer in the file; its handle is not known, so it cannot be deleted',
  holds_the_hour: 'no longer in the file',
  in_doubt_resent: 'its fate is not known: sent again',
  needs_unselected: 'not made',
  never_pushed: 'never pushed',
  not_due: 'not due',
  not_in_config: 'no longer in the file',
  old_edge_remains: 'the old edge is still there',
  old_node_remains: 'the old node is still to be deleted',
  removed_block: 'forgotten; nothing is done remotely',
  taken_over: 'forgotten',
  unchanged: 'unchanged',
  unfinished: 'the last push did not finish',
};

function said(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

function identity({ after }: Change): string {
  return after?.kind === 'node' ? `${after.spec.objectType}  ${after.spec.objectId}` : '';
}

function fieldsOr({ fields = [], reason }: Change, now: string): string {
  return fields.length === 0 ? said(reason) : fields.map((one) => field(one, now)).join(', ');
}

function updateWords(change: Change, now: string): readonly string[] {
  return change.reason === 'fields_changed'
    ? [fieldsOr(change, now)]
    : [said(change.reason), ...(change.fields === undefined ? [] : [fieldsOr(change, now)])];
}

function pushWords({ reason, due_at, mode }: Change, now: string): readonly string[] {
  const what = mode === 'volume_freshness' ? ['counts and freshness'] : [];
  if (due_at === undefined) return [said(reason), ...what];
  const time = moment(due_at, now);
  if (reason === 'column_lineage_lapses') return [`its columns lapse ${time}`, ...what];
  return [due_at <= now ? `due since ${time}` : `due ${time}`, ...what];
}

function waitWords({ reason, until = '' }: Change, now: string): readonly string[] {
  if (reason !== 'second_push_in_the_hour') return [`until ${moment(until, now)}: ${said(reason)}`];
  const pushed = new Date(Date.parse(until) - HOUR).toISOString();
  return [`until ${moment(until, now)}: pushed at ${moment(pushed, now)}, and a resource takes one push an hour`];
}

function renewWords({ fields = [], expires_at = '' }: Change, now: string): readonly string[] {
  const lapses = fields[0]?.before;
  const when = typeof lapses === 'string' ? moment(lapses, now) : '?';
  return [`lapses ${when}, before the next run → ${moment(expires_at, now)}`];
}

function actionWords(change: Change, now: string): readonly string[] {
  const { action, kind, reason } = change;
  switch (action) {
    case 'create':
      return [identity(change)];
    case 'update':
      return updateWords(change, now);
    case 'renew':
      return renewWords(change, now);
    case 'push':
      return pushWords(change, now);
    case 'wait':
      return waitWords(change, now);
    case 'replace':
      return [fieldsOr(change, now)];
    case 'delete':
      return kind === 'node' ? ['for good'] : [reason === 'goes_with_node' ? '' : said(reason)];
    case 'recreate':
    case 'forget':
    case 'keep':
      return [said(reason)];
  }
}

/** What a change means, in one line; the key and the mark stand before it. `now` is the plan's. */
export function describe(change: Change, now: string): string {
  const { action, effects = [], moved_from } = change;
  const moved = moved_from === undefined ? [] : [`was ${moved_from}`];
  const separator = action === 'delete' ? '; ' : ' · ';
  const words = [...actionWords(change, now), ...effects].filter((part) => part !== '').join(separator);
  return printable([words, ...moved].filter((part) => part !== '').join(' · '));
}
