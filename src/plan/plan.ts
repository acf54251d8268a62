import { fieldChanges } from './diff.ts';
import { digest } from './digest.ts';
import { durationMs, expiresAt, gridStep } from './expiry.ts';
import { guardsOf } from './guard.ts';
import type { AppliedItem, Change, DesiredItem, FlowSpec, ItemKey, Plan, PlanInput } from './types.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COLUMN_LINEAGE = 10 * DAY;

const iso = (ms: number): string => new Date(ms).toISOString();
/** An hourly job with jitter must not skip: a flow counts as due a little before its time. */
const tolerance = (interval: number): number => Math.min(interval * 0.05, 3 * 60_000);

interface Look {
  readonly input: PlanInput;
  readonly known: ReadonlyMap<ItemKey, AppliedItem>;
  readonly desired: ReadonlyMap<ItemKey, DesiredItem>;
  readonly interval: number;
  readonly movedFrom: ReadonlyMap<ItemKey, ItemKey>;
}

function identity(spec: {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
}): string {
  return JSON.stringify([spec.objectType, spec.objectId, spec.resourceId ?? null, spec.resourceName ?? null]);
}

function identityOf(item: DesiredItem | AppliedItem): string {
  if (item.kind === 'node') return identity(item.spec);
  if (item.kind === 'edge') return `${identity(item.spec.source)}${identity(item.spec.destination)}`;
  return item.key;
}

function slack(expireAt: string, interval: number): number {
  return Math.max(interval, gridStep(durationMs(expireAt) ?? DAY));
}

function base(
  after: DesiredItem,
  before: AppliedItem | undefined,
): Pick<Change, 'key' | 'kind' | 'reversibility' | 'needs' | 'after' | 'before'> {
  return {
    key: after.key,
    kind: after.kind,
    reversibility: 'reversible',
    ...(after.needs.length === 0 ? {} : { needs: after.needs }),
    after,
    ...(before === undefined ? {} : { before }),
  };
}

function lineageChange(
  after: Extract<DesiredItem, { kind: 'node' | 'edge' }>,
  before: AppliedItem | undefined,
  look: Look,
): Change {
  const { now } = look.input;
  const { expireAt } = after.spec;
  const common = base(after, before);
  const expires_at = expiresAt(expireAt, now);
  if (before === undefined || before.kind === 'flow')
    return { ...common, action: 'create', reason: 'not_in_state', expires_at };
  if (identityOf(before) !== identityOf(after) && after.kind === 'node')
    return {
      ...common,
      action: 'replace',
      reason: 'identity_changed',
      reversibility: 'irreversible',
      expires_at,
      fields: fieldChanges(before.spec, after.spec),
    };
  if (before.kind === 'node' && before.old_mcon !== undefined)
    return { ...common, action: 'replace', reason: 'old_node_remains', reversibility: 'irreversible', expires_at };
  const fields = fieldChanges(before.spec, after.spec);
  if (fields.length > 0) return { ...common, action: 'update', reason: 'fields_changed', fields, expires_at };
  if (before.in_doubt !== undefined) return { ...common, action: 'recreate', reason: 'in_doubt_resent', expires_at };
  const lapses = Date.parse(before.expires_at);
  const lasting = durationMs(expireAt) !== null;
  if (lapses <= now)
    return lasting
      ? { ...common, action: 'recreate', reason: 'expired', expires_at }
      : { ...common, action: 'keep', reason: 'expired_as_declared' };
  if (lasting && lapses < now + look.interval + slack(expireAt, look.interval) && expires_at !== before.expires_at)
    return {
      ...common,
      action: 'renew',
      reason: 'lapses_before_next_run',
      expires_at,
      fields: [{ path: 'expires_at', before: before.expires_at, after: expires_at }],
    };
  return { ...common, action: 'keep', reason: 'unchanged' };
}

/** The last push of a flow's resource of that kind, by whichever flow. */
function lastPush(spec: FlowSpec, look: Look): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const item of look.known.values()) {
    if (
      item.kind !== 'flow' ||
      item.spec.resource !== spec.resource ||
      item.spec.collect !== spec.collect ||
      item.push.last_pushed_at === null
    )
      continue;
    last = Math.max(last, Date.parse(item.push.last_pushed_at));
  }
  return last;
}

function expected(before: AppliedItem | undefined): readonly string[] {
  if (before?.kind !== 'flow' || before.push.events === 0) return [];
  const { events, requests } = before.push;
  return [`~${events.toLocaleString('en')} events, ${requests} request${requests === 1 ? '' : 's'}`];
}

function flowChange(
  after: Extract<DesiredItem, { kind: 'flow' }>,
  before: AppliedItem | undefined,
  look: Look,
): Change {
  const { now } = look.input;
  const { spec } = after;
  const known = before?.kind === 'flow' ? before : undefined;
  const fullDue =
    spec.full_every === undefined ||
    known?.push.last_full_at == null ||
    now - Date.parse(known.push.last_full_at) >= spec.full_every - tolerance(spec.full_every);
  const push = (reason: string): Change => ({
    ...base(after, before),
    reversibility:
      spec.collect === 'query_logs' ? 'irreversible' : spec.collect === 'column_lineage' ? 'expires' : 'reversible',
    action: 'push',
    reason,
    mode: fullDue || spec.collect !== 'metadata' ? 'full' : 'volume_freshness',
    effects: [
      ...expected(before),
      ...(spec.collect === 'column_lineage' ? ['leaves table edges that never expire'] : []),
    ],
  });
  if (known?.push.unfinished === true) return push('unfinished');
  const guard = lastPush(spec, look) + HOUR;
  if (now < guard - tolerance(HOUR))
    return { ...base(after, before), action: 'wait', reason: 'second_push_in_the_hour', until: iso(guard) };
  if (known?.push.last_pushed_at == null) return push('never_pushed');
  if (fieldChanges(known.spec, spec).length > 0) return push('definition_changed');
  const lapses = known.push.lapses_at;
  if (
    spec.collect === 'column_lineage' &&
    Date.parse(lapses ?? iso(Date.parse(known.push.last_pushed_at) + COLUMN_LINEAGE)) < now + look.interval + DAY
  )
    return push('column_lineage_lapses');
  const due = Date.parse(known.push.last_pushed_at) + spec.every;
  if (now >= due - tolerance(spec.every)) return push('due');
  return { ...base(after, before), action: 'wait', reason: 'not_due', until: iso(due) };
}

function deletion(before: AppliedItem, look: Look): Change {
  const common = { key: before.key, kind: before.kind, before } as const;
  if (look.input.removed.includes(before.key) || before.kind === 'flow') {
    const reason = before.kind === 'flow' ? 'not_in_config' : 'removed_block';
    return { ...common, action: 'forget', reason, reversibility: 'reversible' };
  }
  if (before.kind === 'edge') {
    const gone = before.needs.find(
      (need) => look.known.has(need) && !look.desired.has(need) && !look.input.removed.includes(need),
    );
    if (gone !== undefined)
      return { ...common, action: 'delete', reason: `goes_with_${gone}`, reversibility: 'irreversible' };
    return {
      ...common,
      action: 'delete',
      reason: 'not_in_config',
      reversibility: 'expires',
      effects: ['set to expire now'],
    };
  }
  const taken = [...look.known.values()]
    .filter((item) => item.kind === 'edge' && item.needs.includes(before.key))
    .map((item) => item.key.slice('edge:'.length))
    .sort();
  const effects =
    taken.length === 0
      ? []
      : [`takes ${taken.length} edge${taken.length === 1 ? '' : 's'} with it: ${taken.join(', ')}`];
  return { ...common, action: 'delete', reason: 'not_in_config', reversibility: 'irreversible', effects };
}

/** After a replace, the node's edges that are otherwise unchanged are made again: they hang on the old node. */
function withMovedEdges(changes: readonly Change[]): readonly Change[] {
  const replaced = new Map(
    changes.filter((change) => change.action === 'replace').map((change) => [change.key, change]),
  );
  if (replaced.size === 0) return changes;
  const edges = changes.filter(
    (change) => change.kind === 'edge' && change.needs?.some((need) => replaced.has(need)) === true,
  );
  return changes.map((change) => {
    if (change.action === 'replace') {
      const own = edges.filter((edge) => edge.needs?.includes(change.key) === true).map((edge) => edge.key);
      return own.length === 0
        ? change
        : { ...change, effects: [`moves ${own.length} edge${own.length === 1 ? '' : 's'}: ${own.join(', ')}`] };
    }
    if (!edges.includes(change) || change.action === 'create' || change.action === 'delete') return change;
    return { ...change, action: 'update', reason: 'end_replaced' };
  });
}

const KINDS = ['node', 'edge', 'flow'];
const ACTIONS = ['create', 'update', 'renew', 'recreate', 'replace', 'delete', 'forget', 'push', 'wait', 'keep'];

function ordered(changes: readonly Change[]): readonly Change[] {
  const rank = (change: Change): number => KINDS.indexOf(change.kind) * 100 + ACTIONS.indexOf(change.action);
  return [...changes].sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

function fingerprintOf(changes: readonly Change[]): string {
  const done = changes.filter(
    ({ action, moved_from }) => (action !== 'keep' && action !== 'wait') || moved_from !== undefined,
  );
  return digest(
    done.map(({ key, action, fields, after, mode, moved_from }) => ({
      key,
      action,
      mode,
      moved_from,
      fields: action === 'renew' ? null : fields,
      after: after?.spec,
    })),
  );
}

function renamed(input: PlanInput): Pick<Look, 'known' | 'movedFrom'> {
  const known = new Map<ItemKey, AppliedItem>();
  const to = new Map(input.moved.map((move) => [move.from, move.to]));
  const movedFrom = new Map<ItemKey, ItemKey>();
  for (const item of Object.values(input.state.items)) {
    const target = to.get(item.key);
    if (target === undefined || input.state.items[target] !== undefined) known.set(item.key, item);
    else {
      known.set(target, { ...item, key: target });
      movedFrom.set(target, item.key);
    }
  }
  return { known, movedFrom };
}

/** What would be done now, and why: the difference between desired and known at a time. Pure, the same bytes for the same input. */
export function plan(input: PlanInput): Plan {
  const { known, movedFrom } = renamed(input);
  const desired = new Map(input.desired.map((item) => [item.key, item]));
  const intervals = input.desired.flatMap((item) => (item.kind === 'flow' ? [item.spec.every] : []));
  const interval = intervals.length === 0 ? DAY : Math.min(...intervals);
  const look: Look = { input, known, desired, interval, movedFrom };
  const raw = [
    ...input.desired.map((item) =>
      item.kind === 'flow'
        ? flowChange(item, known.get(item.key), look)
        : lineageChange(item, known.get(item.key), look),
    ),
    ...[...known.values()].filter((item) => !desired.has(item.key)).map((item) => deletion(item, look)),
  ].map((change): Change => {
    const from = movedFrom.get(change.key);
    return from === undefined ? change : { ...change, moved_from: from };
  });
  const picked = input.selected === undefined ? raw : raw.filter((change) => input.selected?.has(change.key));
  const changes = ordered(withMovedEdges(picked));
  const summary: Record<string, number> = {};
  for (const { action } of changes) summary[action] = (summary[action] ?? 0) + 1;
  const next = input.now + interval;
  const vanishing = changes.flatMap((change) => {
    const expires = change.before !== undefined && change.before.kind !== 'flow' ? change.before.expires_at : null;
    if (expires === null || change.action !== 'keep' || Date.parse(expires) <= input.now || Date.parse(expires) >= next)
      return [];
    return [{ key: change.key, expires_at: expires, because: 'its expireAt is a fixed date' }];
  });
  const { lineage, serial, saved_at } = input.state;
  return {
    project: input.project,
    now: iso(input.now),
    next_run: iso(next),
    base: { config_digest: input.config_digest, state: { lineage, serial, saved_at } },
    changes,
    summary,
    vanishing,
    guards: guardsOf(input, changes),
    fingerprint: fingerprintOf(changes),
  };
}
