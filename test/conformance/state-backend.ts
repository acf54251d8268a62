import { expect, test } from 'vitest';
import { VersionConflict } from '../../src/state/conflict.ts';
import type { StateBackend } from '../../src/state/types.ts';

/** What every state backend must do. `open` gives a client of an empty storage, each time of the same one within a test. */
export function stateBackendConformance(fresh: () => Promise<() => StateBackend>): void {
  test('a record that was never written is null, and needs null to be created', async () => {
    const backend = (await fresh())();
    expect(await backend.get('state')).toBeNull();
    await expect(backend.put('state', 'a', 'x')).rejects.toBeInstanceOf(VersionConflict);
    const version = await backend.put('state', 'a', null);
    expect(await backend.get('state')).toEqual({ text: 'a', version });
    await expect(backend.put('state', 'b', null)).rejects.toBeInstanceOf(VersionConflict);
  });

  test('of eight clients exactly one wins each version', async () => {
    const open = await fresh();
    let version: string | null = null;
    for (let round = 0; round < 30; round++) {
      const ends = await Promise.allSettled(
        Array.from({ length: 8 }, (_, client) => open().put('state', `${round} ${client}`, version)),
      );
      const won = ends.flatMap((end, client) => (end.status === 'fulfilled' ? [{ client, version: end.value }] : []));
      expect(won).toHaveLength(1);
      expect(await open().get('state')).toEqual({ text: `${round} ${won[0]?.client}`, version: won[0]?.version });
      version = won[0]?.version ?? null;
    }
  });

  test('appends are kept in order, and runs are listed', async () => {
    const backend = (await fresh())();
    await backend.append('journal/r1', 'a\n');
    await backend.append('journal/r1', 'b\n');
    await backend.release?.('journal/r1');
    await backend.put('runs/r1', '{}', null);
    await expect(backend.put('runs/r1', '{"x":1}', null)).rejects.toBeInstanceOf(VersionConflict);
    expect((await backend.get('journal/r1'))?.text).toBe('a\nb\n');
    expect(await backend.list('journal/')).toEqual(['journal/r1']);
    expect(await backend.list('runs/')).toEqual(['runs/r1']);
  });
}
