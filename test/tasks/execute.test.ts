import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ItemKey } from '../../src/plan/types.ts';
import type { RunChange } from '../../src/state/types.ts';
import { execute } from '../../src/tasks/execute.ts';

function change(key: ItemKey, facts: Partial<Change> = {}): Change {
  return { key, kind: 'node', action: 'create', reason: 'not_in_state', reversibility: 'reversible', ...facts };
}

function done(of: Change): RunChange {
  return { key: of.key, action: of.action, status: 'done', receipts: [] };
}

const PLACES = { mutations: 4, flows: 2 };

async function run(
  changes: readonly Change[],
  act: (change: Change) => Promise<RunChange>,
  signal = new AbortController().signal,
) {
  return execute(changes, { act, signal, places: PLACES, onEnd: () => undefined });
}

describe('execute', () => {
  it('starts an edge only after its nodes are done, whatever the order of the list', async () => {
    const order: string[] = [];
    const edge = change('edge:a->b', { kind: 'edge', needs: ['node:a', 'node:b'] });
    await run([edge, change('node:b'), change('node:a')], async (of) => {
      await new Promise((resolve) => setTimeout(resolve, of.key === 'node:a' ? 5 : 0));
      order.push(of.key);
      return done(of);
    });
    expect(order.at(-1)).toBe('edge:a->b');
  });

  it('skips what needs a failed change, names it, and goes on with the rest', async () => {
    const rows = await run(
      [change('node:a'), change('node:b'), change('edge:a->b', { kind: 'edge', needs: ['node:a', 'node:b'] })],
      async (of) => (of.key === 'node:a' ? { ...done(of), status: 'failed' } : done(of)),
    );
    expect(rows.map((row) => [row.key, row.status, row.because])).toEqual([
      ['node:a', 'failed', undefined],
      ['node:b', 'done', undefined],
      ['edge:a->b', 'skipped', 'needs node:a'],
    ]);
  });

  it('starts deletes only when everything else has ended', async () => {
    const order: string[] = [];
    await run([change('node:old', { action: 'delete' }), change('node:a'), change('node:b')], async (of) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      order.push(of.key);
      return done(of);
    });
    expect(order.at(-1)).toBe('node:old');
  });

  it('starts nothing new after an interrupt and accounts for what it left', async () => {
    const controller = new AbortController();
    const changes = Array.from({ length: 10 }, (_, index) => change(`node:n${index}`));
    const rows = await run(
      changes,
      async (of) => {
        controller.abort('SIGINT');
        return done(of);
      },
      controller.signal,
    );
    const first = rows.filter((row) => row.status === 'done').length;
    expect(first).toBeLessThanOrEqual(PLACES.mutations);
    expect(rows.filter((row) => row.because === 'interrupted')).toHaveLength(10 - first);
  });

  it('never has more changes under way than there are places, and gives every change one row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ flow: fc.boolean(), gone: fc.boolean() }), { maxLength: 40 }),
        async (shapes) => {
          let now = { node: 0, edge: 0, flow: 0 };
          let most = { node: 0, edge: 0, flow: 0 };
          const changes = shapes.map(({ flow, gone }, index) =>
            change(`${flow ? 'flow' : 'node'}:n${index}`, {
              kind: flow ? 'flow' : 'node',
              action: gone ? 'delete' : 'create',
            }),
          );
          const rows = await run(changes, async (of) => {
            now = { ...now, [of.kind]: now[of.kind] + 1 };
            most = { ...most, [of.kind]: Math.max(most[of.kind], now[of.kind]) };
            await Promise.resolve();
            now = { ...now, [of.kind]: now[of.kind] - 1 };
            return done(of);
          });
          expect(most.node).toBeLessThanOrEqual(PLACES.mutations);
          expect(most.flow).toBeLessThanOrEqual(PLACES.flows);
          expect(rows.map((row) => row.key)).toEqual(changes.map((of) => of.key));
        },
      ),
    );
  });
});
