import type { PushResult, Receipt } from '../montecarlo/types.ts';
import { applied } from '../plan/applied.ts';
import { dateTime, expiresAt } from '../plan/expiry.ts';
import type { AppliedItem, Change, EdgeSpec, NodeSpec } from '../plan/types.ts';
import type { RunChange } from '../state/types.ts';
import { INTERRUPTED } from './outcome.ts';
import { type Recorder, receiptOf } from './recorder.ts';

/** The mutations of custom lineage, as the GraphQL client offers them. `data.mcon` is the node's handle. */
export interface LineageClient {
  upsertNode(spec: NodeSpec, expireAt: string): Promise<PushResult>;
  upsertEdge(spec: EdgeSpec, expireAt: string): Promise<PushResult>;
  deleteNode(mcon: string): Promise<PushResult>;
  /** For a deletion of an earlier run that is in doubt: looks first. */
  settleDeletion(mcon: string): Promise<PushResult>;
}

export interface LineageWork {
  readonly client: LineageClient;
  readonly recorder: Recorder;
  readonly run: string;
  readonly now: () => number;
}

type Call = () => Promise<PushResult>;

function handle(result: PushResult): string | null {
  if (result.status !== 'accepted') return null;
  const data = result.data;
  const mcon = typeof data === 'object' && data !== null && 'mcon' in data ? data.mcon : null;
  return typeof mcon === 'string' ? mcon : null;
}

/** The call that carries a change out, or null where the state alone changes. */
function callFor(change: Change, { client, now }: LineageWork): Call | null {
  const { after } = change;
  if (change.action === 'delete') return deletion(change, client, now);
  if (after?.kind === 'node')
    return () => client.upsertNode(after.spec, change.expires_at ?? expiresAt(after.spec.expireAt, now()));
  if (after?.kind === 'edge')
    return () => client.upsertEdge(after.spec, change.expires_at ?? expiresAt(after.spec.expireAt, now()));
  return null;
}

function deletion({ before, reason }: Change, client: LineageClient, now: () => number): Call | null {
  if (before?.kind === 'node') {
    const { mcon, in_doubt } = before;
    if (mcon === null) return null;
    return in_doubt === undefined ? nodeDeletion(client, mcon) : () => client.settleDeletion(mcon);
  }
  // An edge whose node is deleted goes with it. Otherwise the API has no way to delete an edge: it is set to expire now.
  if (before?.kind === 'edge' && !reason.startsWith('goes_with_node'))
    return () => client.upsertEdge(before.spec, dateTime(now()));
  return null;
}

function nodeDeletion(client: LineageClient, mcon: string): Call {
  return () => client.deleteNode(mcon);
}

function row(change: Change, result: PushResult, receipts: readonly Receipt[]): RunChange {
  const common = { key: change.key, action: change.action, receipts };
  if (result.status === 'accepted') return { ...common, status: 'done' };
  if (result.code === INTERRUPTED) return { ...common, status: 'skipped', because: 'interrupted' };
  const error = { code: result.code, message: `${result.message} (trace ${result.traceId})` };
  return { ...common, status: result.status === 'in_doubt' ? 'unknown' : 'failed', error };
}

/** A replace or a delete in doubt is done again from where it started, or the old object would be forgotten. */
async function recordDoubt(
  change: Change,
  intended: AppliedItem | null,
  in_doubt: NonNullable<AppliedItem['in_doubt']>,
  { recorder }: LineageWork,
): Promise<void> {
  const known = change.before === undefined ? intended : change.before;
  const item = change.action === 'replace' || change.action === 'delete' ? known : intended;
  if (item === null) return;
  await recorder.item(change.key, { ...item, in_doubt });
  if (change.moved_from !== undefined) await recorder.item(change.moved_from, null);
}

/** Carries one change of a node or an edge out: intent, mutation, receipt, then the item's new place in the state. */
export async function applyLineage(change: Change, work: LineageWork): Promise<RunChange> {
  const at = new Date(work.now()).toISOString();
  const facts = { run: work.run, at };
  const call = callFor(change, work);
  if (call === null) {
    await work.recorder.item(change.key, change.action === 'delete' ? null : applied(change, facts));
    return { key: change.key, action: change.action, status: 'done', receipts: [] };
  }
  const intended = applied(change, facts);
  const before = change.before?.kind === 'node' ? change.before : null;
  const { result, receipt } = await work.recorder.step(
    {
      key: change.key,
      action: change.action,
      what: { reason: change.reason },
      ...(intended === null ? {} : { item: intended }),
    },
    call,
    (accepted) => {
      const mcon = handle(accepted) ?? (change.action === 'delete' ? before?.mcon : null);
      const sent = { endpoint: 'graphql' as const, events: 1, bytes: 0, at: new Date(work.now()).toISOString() };
      return receiptOf(accepted, mcon == null ? sent : { ...sent, mcon });
    },
  );
  if (result.status === 'accepted') {
    const mcon = handle(result);
    await work.recorder.item(change.key, applied(change, mcon === null ? facts : { ...facts, mcon }));
    if (change.moved_from !== undefined) await work.recorder.item(change.moved_from, null);
  } else if (result.status === 'in_doubt')
    await recordDoubt(change, intended, { since: at, trace_id: result.traceId }, work);
  return row(change, result, receipt === null ? [] : [receipt]);
}

/** What a replace left behind: a node by its handle, or an edge by its ends. */
export type Old = { readonly mcon: string } | { readonly edge: EdgeSpec };

/** After a replace and once its edges have moved: deletes the old node, or sets the old edge to expire now. */
export async function retireOld(change: Change, old: Old, work: LineageWork): Promise<RunChange> {
  const { client, now, recorder } = work;
  const call = 'mcon' in old ? nodeDeletion(client, old.mcon) : () => client.upsertEdge(old.edge, dateTime(now()));
  const handle = 'mcon' in old ? { mcon: old.mcon } : {};
  const { result, receipt } = await recorder.step(
    { key: change.key, action: 'delete', what: { reason: 'replaced', ...handle } },
    call,
    (accepted) =>
      receiptOf(accepted, { endpoint: 'graphql', events: 1, bytes: 0, ...handle, at: new Date(now()).toISOString() }),
  );
  return row(change, result, receipt === null ? [] : [receipt]);
}
