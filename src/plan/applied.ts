import { expiresAt } from './expiry.ts';
import type { AppliedItem, Change, PushRecord } from './types.ts';

export interface AppliedFacts {
  readonly run: string;
  readonly at: string;
  readonly mcon?: string;
  readonly push?: PushRecord;
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
    ...(after.protect === true ? { protect: true } : {}),
    ...(after.tags === undefined || after.tags.length === 0 ? {} : { tags: after.tags }),
  };
  if (action === 'keep' || action === 'wait')
    return before === undefined ? null : ({ ...before, key: after.key } as AppliedItem);
  const expires_at = (spec: { readonly expireAt: string }): string =>
    change.expires_at ?? expiresAt(spec.expireAt, Date.parse(at));
  if (after.kind === 'node')
    return {
      ...common,
      kind: 'node',
      spec: after.spec,
      expires_at: expires_at(after.spec),
      mcon: facts.mcon ?? (before?.kind === 'node' ? before.mcon : null),
    };
  if (after.kind === 'edge')
    return { ...common, kind: 'edge', spec: after.spec, expires_at: expires_at(after.spec), needs: after.needs };
  const push =
    facts.push ??
    (before?.kind === 'flow' ? before.push : { last_pushed_at: null, last_full_at: null, events: 0, requests: 0 });
  return { ...common, kind: 'flow', spec: after.spec, push };
}
