import { fieldChanges } from './diff.ts';
import { durationMs, expiresAt } from './expiry.ts';
import { edgeIdentity, nodeIdentity, sameIdentity } from './identity.ts';
import type { Look } from './look.ts';
import { renewBefore, timeOf } from './schedule.ts';
import type { AppliedItem, Change, DesiredItem, DesiredLineage, FieldChange } from './types.ts';

type AppliedLineage = Exclude<AppliedItem, { readonly kind: 'flow' }>;

/** What every change of a desired item has. */
export function common(
  after: DesiredItem,
  before: AppliedItem | undefined,
): Pick<Change, 'key' | 'kind' | 'reversibility' | 'needs' | 'after' | 'before'> {
  const { key, kind, needs } = after;
  const base = { key, kind, reversibility: 'reversible', after } as const;
  if (needs.length === 0) return before === undefined ? base : { ...base, before };
  return before === undefined ? { ...base, needs } : { ...base, needs, before };
}

/** Nothing to do: most of a plan, so it is made in one go. */
function kept(after: DesiredLineage, before: AppliedLineage): Change {
  const { key, kind, needs } = after;
  const reversibility = 'reversible';
  const [action, reason] = ['keep', 'unchanged'] as const;
  return needs.length === 0
    ? { key, kind, action, reason, reversibility, after, before }
    : { key, kind, action, reason, reversibility, needs, after, before };
}

/** The differences, protection among them: it is kept in the state, and taking the line out does not take it away. */
function differences(before: AppliedLineage, after: DesiredLineage): readonly FieldChange[] {
  const fields = fieldChanges(before.spec, after.spec);
  if (after.protect !== true || before.protect === true) return fields;
  return [...fields, { path: 'protect', before: null, after: true }];
}

/** The old object of a replace that did not get as far as removing it; null: none, or it lives on as another item. */
function remains(before: AppliedLineage, look: Look): string | null {
  if (before.kind === 'node') {
    const old = before.old_mcon;
    return old === undefined || look.holder(old) !== undefined ? null : 'old_node_remains';
  }
  const old = before.old_spec;
  return old === undefined || look.owner(edgeIdentity(old)) !== undefined ? null : 'old_edge_remains';
}

/** Who has the object now that a replaced node was: it is not deleted then. */
function taker(before: AppliedLineage, look: Look): Pick<Change, 'taken_by' | 'effects'> {
  if (before.kind !== 'node') return {};
  const identity = nodeIdentity(before.spec);
  const owner = look.owner(identity);
  if (owner !== undefined) return { taken_by: owner, effects: [`the old object lives on as ${owner}`] };
  const end = look.endsAt(identity);
  return end === undefined ? {} : { taken_by: end, effects: [`the old object stays: ${end} ends at it`] };
}

/** Nothing of an earlier run is left to be done for it, and it is still there. */
function isSettled(before: AppliedLineage, look: Look): boolean {
  const old = before.kind === 'node' ? before.old_mcon : before.old_spec;
  return old === undefined && before.in_doubt === undefined && timeOf(before.expires_at) > look.input.now;
}

function changed(after: DesiredLineage, before: AppliedLineage, look: Look): Change | null {
  const fields = differences(before, after);
  if (fields.length === 0 && isSettled(before, look)) return null;
  const expires_at = expiresAt(after.spec.expireAt, look.input.now);
  const base = { ...common(after, before), expires_at };
  if (after.kind === 'node' && !sameIdentity(before, after)) {
    const taken = taker(before, look);
    const reversibility = taken.taken_by === undefined ? 'irreversible' : 'reversible';
    return { ...base, action: 'replace', reason: 'identity_changed', reversibility, fields, ...taken };
  }
  const old = remains(before, look);
  if (old !== null) {
    const reversibility = after.kind === 'node' ? 'irreversible' : 'expires';
    return { ...base, action: 'replace', reason: old, reversibility, ...(fields.length === 0 ? {} : { fields }) };
  }
  if (timeOf(before.expires_at) <= look.input.now)
    return { ...base, action: 'recreate', reason: 'expired', ...(fields.length === 0 ? {} : { fields }) };
  if (fields.length > 0) return { ...base, action: 'update', reason: 'fields_changed', fields };
  return before.in_doubt === undefined ? null : { ...base, action: 'recreate', reason: 'in_doubt_resent' };
}

function renewal(after: DesiredLineage, before: AppliedLineage, look: Look): Change | null {
  const { expireAt } = after.spec;
  if (durationMs(expireAt) === null) return null;
  const lapses = timeOf(before.expires_at);
  if (lapses > look.input.now + renewBefore(expireAt, look.interval)) return null;
  const expires_at = expiresAt(expireAt, look.input.now);
  if (timeOf(expires_at) <= lapses) return null;
  const fields = [{ path: 'expires_at', before: before.expires_at, after: expires_at }];
  return { ...common(after, before), action: 'renew', reason: 'lapses_before_next_run', expires_at, fields };
}

/** What becomes of a node or an edge that the file asks for. What its neighbours do to it comes later (`ends.ts`). */
export function lineageChange(after: DesiredLineage, look: Look): Change {
  const before = look.known.get(after.key);
  const { expireAt } = after.spec;
  const over = durationMs(expireAt) === null && timeOf(expireAt) <= look.input.now;
  const alive = before !== undefined && before.kind !== 'flow' && timeOf(before.expires_at) > look.input.now;
  if (over && !alive) return { ...common(after, before), action: 'keep', reason: 'expired_as_declared' };
  if (before === undefined || before.kind === 'flow') {
    const expires_at = expiresAt(expireAt, look.input.now);
    return { ...common(after, before), action: 'create', reason: 'not_in_state', expires_at };
  }
  return changed(after, before, look) ?? renewal(after, before, look) ?? kept(after, before);
}
