import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileBackend } from '../../src/state/file.ts';
import { unlock, withLock } from '../../src/state/lock.ts';
import { stateFolder } from '../support/state-folder.ts';

function world(startOf: (pid: number) => Promise<string | null | undefined> = async () => '7') {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const path = join(stateFolder(), 'state.json');
  const backend = fileBackend({ path, now: () => clock.now });
  const facts = { host: 'h', boot_id: 'b', pid: 4, pid_start: '7', user: 'u', startOf };
  const request = (run: string) => ({ run, command: 'apply', facts });
  return { clock, backend, request };
}

test('a held lock is refused with its holder, and is free again afterwards', async () => {
  const { backend, request } = world();
  await withLock(backend, request('a'), async () => {
    await expect(withLock(backend, request('b'), async () => 1)).rejects.toMatchObject({
      code: 'MCI510',
      exit: 'locked',
      message: expect.stringContaining('run a on h (pid 4), apply, since 00:00:00 UTC'),
    });
  });
  expect(await withLock(backend, request('b'), async ({ token }) => token)).toBe(2);
});

test('a lock is taken over 210 s after its last renewal, not before, and its holder hears of it', async () => {
  const { clock, backend, request } = world();
  await withLock(backend, { ...request('a'), renewEvery: 20 }, async ({ signal }) => {
    const renewed = clock.now;
    await unlock(backend, 1);
    if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
    expect(signal.reason).toMatchObject({ code: 'MCI511' });
    expect(clock.now).toBe(renewed);
  });
  await withLock(backend, request('b'), async () => {
    clock.now += 209_999;
    await expect(withLock(backend, request('c'), async () => 1)).rejects.toMatchObject({ code: 'MCI510' });
    clock.now += 1;
    expect(await withLock(backend, request('c'), async ({ token }) => token)).toBe(3);
  });
});

test('the lock of a dead process is taken at once, that of an unknown one is not', async () => {
  for (const [start, taken] of [
    [null, true],
    ['8', true],
    ['7', false],
    [undefined, false],
  ] as const) {
    const { backend, request } = world(async () => start);
    await withLock(backend, request('a'), async () => {
      const end = await withLock(backend, request('b'), async () => true).catch(() => false);
      expect(end).toBe(taken);
    });
  }
});
