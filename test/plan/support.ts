import { applied } from '../../src/plan/applied.ts';
import { dateTime, expiresAt } from '../../src/plan/expiry.ts';
import { edgeIdentity, nodeIdentity } from '../../src/plan/identity.ts';
import { plan } from '../../src/plan/plan.ts';
import type {
  AppliedItem,
  Change,
  DesiredItem,
  EdgeSpec,
  FlowSpec,
  ItemKey,
  KnownState,
  NodeIdentity,
  NodeSpec,
  Plan,
  PlanInput,
} from '../../src/plan/types.ts';
import { fold } from '../../src/state/fold.ts';
import type { JournalRecord, State } from '../../src/state/types.ts';

export const NOW = Date.parse('2026-11-24T10:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const UUID = '11111111-1111-4111-8111-111111111111';
export const NEVER = '9999-12-31T00:00:00+00:00';

type Labels = { readonly tags?: readonly string[]; readonly protect?: boolean };

export function node(name: string, facts: Partial<NodeSpec> & Labels = {}): DesiredItem {
  const { tags, protect, ...spec } = facts;
  return {
    kind: 'node',
    key: `node:${name}`,
    needs: [],
    ...(tags === undefined ? {} : { tags }),
    ...(protect === undefined ? {} : { protect }),
    spec: {
      objectType: 'model',
      objectId: `id-${name}`,
      resourceName: 'dbt',
      properties: {},
      expireAt: NEVER,
      ...spec,
    },
  };
}

export function identityOf(item: DesiredItem): NodeIdentity {
  if (item.kind !== 'node') throw new Error(`${item.key} is no node`);
  const { objectType, objectId, resourceName } = item.spec;
  return { objectType, objectId, ...(resourceName === undefined ? {} : { resourceName }) };
}

export function tableEnd(name: string): NodeIdentity {
  return { objectType: 'table', objectId: `db:public.${name}`, resourceId: UUID };
}

/** An edge between two nodes, or an object that is none of them. */
export function edge(
  from: DesiredItem | NodeIdentity,
  to: DesiredItem | NodeIdentity,
  facts: Partial<EdgeSpec> & Labels = {},
): DesiredItem {
  const { tags, protect, ...spec } = facts;
  const name = (end: DesiredItem | NodeIdentity): string =>
    'key' in end ? end.key.slice('node:'.length) : `${end.objectType}:${end.objectId}`;
  const whole = (end: DesiredItem | NodeIdentity): NodeIdentity => ('key' in end ? identityOf(end) : end);
  return {
    kind: 'edge',
    key: `edge:${name(from)}->${name(to)}`,
    needs: [from, to].flatMap((end) => ('key' in end ? [end.key] : [])),
    ...(tags === undefined ? {} : { tags }),
    ...(protect === undefined ? {} : { protect }),
    spec: { source: whole(from), destination: whole(to), edgeType: 'IS_DOWNSTREAM', expireAt: NEVER, ...spec },
  };
}

export function flow(
  name: string,
  facts: Partial<FlowSpec> & { readonly needs?: readonly ItemKey[] } = {},
): DesiredItem {
  const { needs = [], ...spec } = facts;
  return {
    kind: 'flow',
    key: `flow:${name}`,
    needs,
    spec: {
      source: 'pg',
      collect: 'metadata',
      resource: UUID,
      resource_type: 'snowflake',
      every: HOUR,
      options: 'sha256:0',
      ...spec,
    },
  };
}

export const EMPTY: State = {
  format: 'mc-ingest.state/1',
  project: 'shop',
  lineage: 'l-1',
  serial: 0,
  saved_at: '2026-11-24T09:02:00.000Z',
  run: null,
  items: {},
  learned: {},
  folded: [],
};

export function known({ lineage, serial, saved_at, project, items }: State): KnownState {
  return { lineage, serial, saved_at, project, items };
}

type Wishes = Partial<Omit<PlanInput, 'state' | 'desired'>>;

export function planOf(desired: readonly DesiredItem[], state: State = EMPTY, wishes: Wishes = {}): Plan {
  return plan({
    project: 'shop',
    config_digest: 'sha256:c',
    moved: [],
    removed: [],
    now: NOW,
    ...wishes,
    desired,
    state: known(state),
  });
}

export function isWork({ action, moved_from }: Change): boolean {
  return (action !== 'keep' && action !== 'wait') || moved_from !== undefined;
}

/** `action key reason` of everything that would be done. */
export function work(found: Plan): readonly string[] {
  return found.changes.filter(isWork).map(({ action, key, reason }) => `${action} ${key} ${reason}`);
}

export function changeOf(found: Plan, key: string): Change {
  const change = found.changes.find((candidate) => candidate.key === key);
  if (change === undefined) throw new Error(`${key} is not in the plan`);
  return change;
}

/** Monte Carlo as far as custom lineage goes: what is the same object, what goes with what, what lapses. */
export class Remote {
  readonly nodes = new Map<string, number>();
  readonly edges = new Map<string, { readonly ends: readonly [string, string]; readonly expires: number }>();

  lapse(now: number): void {
    for (const [id, expires] of this.nodes) if (expires <= now) this.deleteNode(id);
    for (const [id, { expires }] of this.edges) if (expires <= now) this.edges.delete(id);
  }

  deleteNode(id: string): void {
    this.nodes.delete(id);
    for (const [edgeId, { ends }] of this.edges) if (ends.includes(id)) this.edges.delete(edgeId);
  }

  upsertEdge(spec: EdgeSpec, expires: number): void {
    const ends = [nodeIdentity(spec.source), nodeIdentity(spec.destination)] as const;
    for (const end of ends) if (!this.nodes.has(end)) this.nodes.set(end, Number.POSITIVE_INFINITY);
    this.edges.set(edgeIdentity(spec), { ends, expires });
  }
}

function lineageItem(change: Change, remote: Remote, facts: { run: string; at: string }): AppliedItem | null {
  const { after, before, action } = change;
  const now = Date.parse(facts.at);
  if (action === 'delete') {
    if (before?.kind === 'node' && before.mcon !== null) remote.deleteNode(before.mcon);
    if (before?.kind === 'edge' && change.reason !== 'goes_with_node') {
      remote.upsertEdge(before.spec, now);
      remote.lapse(now);
    }
    return null;
  }
  if (after?.kind === 'edge')
    remote.upsertEdge(after.spec, Date.parse(change.expires_at ?? expiresAt(after.spec.expireAt, now)));
  if (after?.kind !== 'node') return applied(change, facts);
  const mcon = nodeIdentity(after.spec);
  remote.nodes.set(mcon, Date.parse(change.expires_at ?? dateTime(now)));
  return applied(change, { ...facts, mcon });
}

function carryOut(change: Change, remote: Remote, facts: { run: string; at: string }): AppliedItem | null {
  if (change.action === 'keep' || change.action === 'forget' || change.action === 'wait') return applied(change, facts);
  if (change.kind !== 'flow') return lineageItem(change, remote, facts);
  const push = { last_pushed_at: facts.at, last_full_at: facts.at, events: 3, requests: 1 };
  return applied(change, { ...facts, push });
}

function retire(change: Change, remote: Remote, now: number): boolean {
  const { action, before, taken_by } = change;
  if (action !== 'replace' || before === undefined || taken_by !== undefined) return false;
  if (before.kind === 'node' && before.mcon !== null) remote.deleteNode(before.old_mcon ?? before.mcon);
  if (before.kind === 'edge') remote.upsertEdge(before.old_spec ?? before.spec, now);
  remote.lapse(now);
  return before.kind !== 'flow';
}

/** Carries a plan out as the tasks do: in order, what was replaced is removed at the end, all through the journal's fold. */
export function apply(found: Plan, state: State, remote: Remote): State {
  const run = `run-${state.folded.length}`;
  const facts = { run, at: found.now };
  const records: JournalRecord[] = [{ type: 'open', run, command: 'apply', at: found.now }];
  const item = (key: ItemKey, value: AppliedItem | null): void => {
    records.push({ type: 'item', key, item: value, at: found.now });
  };
  const doing = found.changes.filter(isWork);
  for (const change of [
    ...doing.filter(({ action }) => action !== 'delete'),
    ...doing.filter(({ action }) => action === 'delete'),
  ]) {
    item(change.key, carryOut(change, remote, facts));
    if (change.moved_from !== undefined) item(change.moved_from, null);
  }
  for (const change of doing)
    if (retire(change, remote, Date.parse(found.now))) {
      const mcon = change.after?.kind === 'node' ? { mcon: nodeIdentity(change.after.spec) } : {};
      item(change.key, applied(change, { ...facts, ...mcon, retired: true }));
    }
  return { ...fold(state, records), serial: state.serial + 1, saved_at: found.now };
}

/** The state after the given items were applied at a time. */
export function stateOf(desired: readonly DesiredItem[], now = NOW, from: State = EMPTY): State {
  return apply(planOf(desired, from, { now }), from, new Remote());
}
