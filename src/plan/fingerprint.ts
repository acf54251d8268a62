import { digestOfList } from './digest.ts';
import type { AppliedItem, Change } from './types.ts';

/** Whether carrying a change out does anything: a rename is work for the state alone. */
export function isWork({ action, moved_from }: Pick<Change, 'action' | 'moved_from'>): boolean {
  return (action !== 'keep' && action !== 'wait') || moved_from !== undefined;
}

/** What a deletion or replacement is aimed at. */
function aim(before: AppliedItem | undefined): unknown {
  if (before === undefined || before.kind === 'flow') return null;
  return before.kind === 'node' ? [before.mcon, before.old_mcon, before.spec] : [before.spec, before.old_spec];
}

function* deeds(changes: readonly Change[]): Generator<object> {
  for (const change of changes) {
    if (!isWork(change)) continue;
    const { key, action, fields, after, before, mode, moved_from, taken_by } = change;
    yield {
      key,
      action,
      mode,
      moved_from,
      taken_by,
      fields: action === 'renew' ? null : fields,
      after: after?.spec,
      aim: action === 'delete' || action === 'replace' ? aim(before) : null,
    };
  }
}

/**
 * Covers what would be done, and not what only tells of it: neither the time, nor reasons, nor where on the grid a
 * duration ends. Two plans with the same fingerprint do the same.
 */
export function fingerprintOf(changes: readonly Change[]): string {
  return digestOfList(deeds(changes));
}
