import type { Change, ItemKey } from '../plan/types.ts';
import type { RunChange } from '../state/types.ts';

/** Carries one change out. It never throws: a failure is a `failed` row. */
export type Act = (change: Change) => Promise<RunChange>;

export interface ExecuteOptions {
  readonly act: Act;
  readonly signal: AbortSignal;
  /** How many changes of a lane run at once: mutations and flows do not share their places. */
  readonly places: { readonly mutations: number; readonly flows: number };
  readonly onEnd: (row: RunChange) => void;
}

/** At most `places` at once, in the order of arrival. */
function lane(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

function skipped(change: Change, because: string): RunChange {
  return { key: change.key, action: change.action, status: 'skipped', because, receipts: [] };
}

/** Why a change may not start: what it needs did not get done. Null when all of it did. */
async function missing(change: Change, rows: ReadonlyMap<ItemKey, Promise<RunChange>>): Promise<string | null> {
  for (const need of change.needs ?? []) {
    const row = await rows.get(need);
    if (row !== undefined && row.status !== 'done') return `needs ${need}`;
  }
  return null;
}

/**
 * Carries changes out: what a change needs comes first, independent work runs side by side, deletes come last and only
 * start when everything before has ended. A failure stops what depends on it and nothing else; every change gets its row.
 */
export async function execute(changes: readonly Change[], options: ExecuteOptions): Promise<readonly RunChange[]> {
  const { act, signal, places } = options;
  const lanes = { mutations: lane(places.mutations), flows: lane(places.flows) };
  const started = new Map<ItemKey, Promise<RunChange>>();

  const start = async (change: Change): Promise<RunChange> => {
    const because = await missing(change, started);
    const place = change.kind === 'flow' ? lanes.flows : lanes.mutations;
    const row =
      because === null
        ? await place(async () => (signal.aborted ? skipped(change, 'interrupted') : act(change)))
        : skipped(change, because);
    options.onEnd(row);
    return row;
  };

  // A need may stand later in the list: every change is registered before the first one starts.
  const gate = deferred();
  const first = changes.filter((change) => change.action !== 'delete');
  for (const change of first)
    started.set(
      change.key,
      gate.promise.then(() => start(change)),
    );
  gate.resolve();
  await Promise.all(started.values());
  // An edge that goes with its node stands before it in the list, and waits for it all the same.
  const last = deferred();
  for (const change of changes)
    if (change.action === 'delete')
      started.set(
        change.key,
        last.promise.then(() => start(change)),
      );
  last.resolve();
  const ends = await Promise.all(started.values());
  const byKey = new Map(ends.map((row) => [row.key, row]));
  return changes.flatMap((change) => byKey.get(change.key) ?? []);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
