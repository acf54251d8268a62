import type { Change, FieldChange } from '../plan/types.ts';

function value(of: unknown): string {
  return typeof of === 'string' ? of : of === null ? '(none)' : JSON.stringify(of);
}

function field({ path, before, after }: FieldChange): string {
  return `${path}  ${value(before)} → ${value(after)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  never_pushed: 'never pushed',
  due: 'due',
  definition_changed: 'its definition changed',
  unfinished: 'the last push did not finish',
  column_lineage_lapses: 'its columns lapse',
  second_push_in_the_hour: 'a resource takes one push an hour',
  not_due: 'not due',
  expired: 'it lapsed',
  in_doubt_resent: 'its fate is not known: sent again',
  end_replaced: 'made again on the new node',
  old_node_remains: 'the old node is still to be deleted',
  removed_block: 'forgotten; nothing is done remotely',
  not_in_config: 'no longer in the file',
  moved: 'renamed',
};

function said(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

function identity(change: Change): string {
  return change.after?.kind === 'node' ? `${change.after.spec.objectType}  ${change.after.spec.objectId}` : '';
}

/** What a change means, in one line; the key and the mark stand before it. */
export function describe(change: Change): string {
  const { action, reason, effects = [], fields = [], moved_from } = change;
  const moved = moved_from === undefined ? [] : [`was ${moved_from}`];
  const words: Readonly<Record<Change['action'], readonly string[]>> = {
    create: [identity(change)],
    update: [reason === 'fields_changed' ? fields.map(field).join(', ') : said(reason)],
    renew: [`lapses ${value(fields[0]?.before)}, before the next run → ${change.expires_at ?? ''}`],
    recreate: [said(reason)],
    replace: [reason === 'identity_changed' ? fields.map(field).join(', ') : said(reason)],
    delete: [
      reason.startsWith('goes_with_')
        ? `goes with ${reason.slice('goes_with_'.length)}`
        : change.kind === 'node'
          ? 'for good'
          : said(reason),
    ],
    forget: [said(reason)],
    push: [said(reason), change.mode === 'volume_freshness' ? 'counts and freshness' : ''],
    wait: [`until ${change.until ?? '?'}: ${said(reason)}`],
    keep: [said(reason)],
  };
  return [...words[action], ...effects, ...moved].filter((part) => part !== '').join(' · ');
}
