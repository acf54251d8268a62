import { describe, expect, it } from 'vitest';
import type { EdgeSpec, NodeSpec, Plan } from '../../src/plan/types.ts';
import { fold } from '../../src/state/fold.ts';
import type { JournalRecord, State } from '../../src/state/types.ts';
import { recorder } from '../../src/tasks/recorder.ts';
import { carryOut } from '../../src/tasks/run.ts';
import { DAY, edge, NOW, node, planOf, stateOf, tableEnd, work } from '../plan/support.ts';

/** Carries a plan out against a client that takes everything and tells what it was asked. */
async function carried(
  plan: Plan,
  state: State,
): Promise<{ readonly calls: readonly string[]; readonly after: State }> {
  const calls: string[] = [];
  const at = new Date(NOW).toISOString();
  const records: JournalRecord[] = [{ type: 'open', run: 'r', command: 'apply', at }];
  const took = (call: string, mcon?: string) => {
    calls.push(call);
    return Promise.resolve({
      status: 'accepted' as const,
      httpStatus: 200,
      invocationId: null,
      traceId: 't',
      attempts: 1,
      elapsedMs: 1,
      data: mcon === undefined ? {} : { mcon },
    });
  };
  const handle = ({ objectType, objectId }: NodeSpec): string => `${objectType}/${objectId}`;
  await carryOut({
    plan,
    run: 'r',
    recorder: recorder({
      journal: { append: async (record) => void records.push(record) },
      run: 'r',
      now: () => NOW,
      onReceipt: () => undefined,
    }),
    client: () => ({
      upsertNode: (spec: NodeSpec) => took(`node ${spec.objectId}`, handle(spec)),
      upsertEdge: ({ source, destination }: EdgeSpec, until: string) =>
        took(`edge ${source.objectId}->${destination.objectId}${Date.parse(until) <= NOW ? ' expires' : ''}`),
      deleteNode: (mcon: string) => took(`delete ${mcon}`),
      settleDeletion: (mcon: string) => took(`settle ${mcon}`),
    }),
    effects: () => ({}) as never,
    view: { open: () => undefined, update: () => undefined, line: () => undefined, close: async () => undefined },
    signal: new AbortController().signal,
    now: () => NOW,
  });
  return { calls, after: fold(state, records) };
}

/** The state with the handles that the client gives. */
function told(state: State): State {
  const items = Object.values(state.items).map((item) =>
    item.kind === 'node' ? { ...item, mcon: `${item.spec.objectType}/${item.spec.objectId}` } : item,
  );
  return { ...state, items: Object.fromEntries(items.map((item) => [item.key, item])) };
}

const [a, b] = [node('a'), node('b')];

describe('carrying out a replace', () => {
  it('makes the new node, moves its edges, then deletes the old one', async () => {
    const state = told(stateOf([a, b, edge(a, b)], NOW - DAY));
    const next = node('a', { objectId: 'new' });
    const desired = [next, b, edge(next, b)];
    const { calls, after } = await carried(planOf(desired, state), state);
    expect(calls).toEqual(['node new', 'edge new->id-b', 'delete model/id-a']);
    expect(work(planOf(desired, after))).toEqual([]);
  });

  it('deletes neither of two nodes that swap their objects, and retires the edge between them', async () => {
    const state = told(stateOf([a, b, edge(a, b)], NOW - DAY));
    const [x, y] = [node('a', { objectId: 'id-b' }), node('b', { objectId: 'id-a' })];
    const desired = [x, y, edge(x, y)];
    const { calls, after } = await carried(planOf(desired, state), state);
    expect(calls).toEqual(['node id-b', 'node id-a', 'edge id-b->id-a', 'edge id-a->id-b expires']);
    expect(work(planOf(desired, after))).toEqual([]);
  });

  it('does not delete an old object that was written in the same run under another name', async () => {
    const state = told(stateOf([node('a', { objectId: 'new' }), b], NOW - DAY));
    const left = { ...state.items['node:a'], old_mcon: 'model/old' } as never;
    const desired = [node('a', { objectId: 'new' }), node('b', { objectId: 'old' })];
    const remains = { ...state, items: { ...state.items, 'node:a': left } };
    const { calls } = await carried(planOf(desired, remains), remains);
    expect(calls).not.toContain('delete model/old');
  });

  it('sets the old edge of a changed table end to expire after the new one is there', async () => {
    const state = told(stateOf([a, edge(a, tableEnd('t'))], NOW - DAY));
    const desired = [a, edge(a, { ...tableEnd('t'), resourceId: 'elsewhere' })];
    const { calls, after } = await carried(planOf(desired, state), state);
    expect(calls).toEqual(['edge id-a->db:public.t', 'edge id-a->db:public.t expires']);
    expect(work(planOf(desired, after))).toEqual([]);
  });

  it('renames in the state alone', async () => {
    const state = told(stateOf([a, b, edge(a, b)], NOW - DAY));
    const renamed = node('z', { objectId: 'id-a' });
    const desired = [renamed, b, edge(renamed, b)];
    const moved = [{ from: 'node:a', to: 'node:z' }] as const;
    const { calls, after } = await carried(planOf(desired, state, { moved }), state);
    expect(calls).toEqual([]);
    expect(Object.keys(after.items).sort()).toEqual(['edge:z->b', 'node:b', 'node:z']);
    expect(work(planOf(desired, after, { moved }))).toEqual([]);
  });
});
