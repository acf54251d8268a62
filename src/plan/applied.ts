import { expiresAt } from './expiry.ts';
import type { AppliedItem, Change, EdgeSpec, PushRecord } from './types.ts';

export interface AppliedFacts {
  readonly run: string;
  readonly at: string;
  readonly mcon?: string;
  readonly push?: PushRecord;
  /** `replace` only: the old object is gone, too. */
  readonly retired?: true;
}

/** Protection stays once it was applied: taking the line out of the file does not take it away. */
function labels({ after, before }: Change): Pick<AppliedItem, 'protect' | 'tags'> {
  const protect = after?.protect === true || before?.protect === true;
  const tags = after?.tags ?? [];
  return { ...(protect ? { protect } : {}), ...(tags.length === 0 ? {} : { tags }) };
}

/** An item that stays as it is, under the name it has now; an edge's ends may have other names, too. */
function kept({ after, before }: Change): AppliedItem | null {
  if (before === undefined || after === undefined) return null;
  return before.kind === 'edge' ? { ...before, key: after.key, needs: after.needs } : { ...before, key: after.key };
}

/** The edge that a replace leaves behind until it is retired. */
function oldSpec({ action, before }: Change, facts: AppliedFacts): { readonly old_spec?: EdgeSpec } {
  if (action !== 'replace' || before?.kind !== 'edge' || facts.retired === true) return {};
  return { old_spec: before.old_spec ?? before.spec };
}

/** The node that a replace leaves behind until it is retired; not where it lives on as another item. */
function oldMcon({ action, before, taken_by }: Change, facts: AppliedFacts): { readonly old_mcon?: string } {
  if (action !== 'replace' || before?.kind !== 'node' || facts.retired === true || taken_by !== undefined) return {};
  const old = before.old_mcon ?? before.mcon;
  return old === null || old === facts.mcon ? {} : { old_mcon: old };
}

/** The node's handle: the one just told, else the one it had, unless it is another object now. */
function handleOf({ action, reason, before }: Change, { mcon }: AppliedFacts): string | null {
  if (mcon !== undefined) return mcon;
  const another = action === 'replace' && reason === 'identity_changed';
  return before?.kind === 'node' && !another ? before.mcon : null;
}

/** An item's new place in the state after its change was carried out; null: it is gone. Pure. */
export function applied(change: Change, facts: AppliedFacts): AppliedItem | null {
  const { after, before, action } = change;
  if (action === 'delete' || action === 'forget' || after === undefined) return null;
  const { run, at } = facts;
  const common = {
    key: after.key,
    run,
    applied_at: at,
    ...labels(change),
  };
  if (action === 'keep' || action === 'wait') return kept(change);
  const expires_at = (spec: { readonly expireAt: string }): string =>
    change.expires_at ?? expiresAt(spec.expireAt, Date.parse(at));
  if (after.kind === 'node')
    return {
      ...common,
      kind: 'node',
      spec: after.spec,
      expires_at: expires_at(after.spec),
      mcon: handleOf(change, facts),
      ...oldMcon(change, facts),
    };
  if (after.kind === 'edge')
    return {
      ...common,
      kind: 'edge',
      spec: after.spec,
      expires_at: expires_at(after.spec),
      needs: after.needs,
      ...oldSpec(change, facts),
    };
  const push =
    facts.push ??
    (before?.kind === 'flow' ? before.push : { last_pushed_at: null, last_full_at: null, events: 0, requests: 0 });
  return { ...common, kind: 'flow', spec: after.spec, push };
}
