import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeState } from '../../src/state/codec.ts';
import { fileBackend } from '../../src/state/file.ts';
import { history } from '../../src/state/history.ts';
import { openJournal, parseJournal, readJournal } from '../../src/state/journal.ts';
import { withLock } from '../../src/state/lock.ts';
import { lookAhead, recover } from '../../src/state/recover.ts';
import { openStore } from '../../src/state/store.ts';
import type { JournalRecord } from '../../src/state/types.ts';
import { stateBackendConformance } from '../conformance/state-backend.ts';
import { stateFolder as folder } from '../support/state-folder.ts';

const AT = '2026-01-01T00:00:00.000Z';
const backendIn = (dir: string) => fileBackend({ path: join(dir, 'state.json'), now: () => Date.parse(AT) });
const storeIn = (dir: string) => openStore({ backend: backendIn(dir), project: 'shop', now: () => Date.parse(AT) });
const intent = (op: string): JournalRecord => ({
  type: 'intent',
  op,
  key: 'node:é',
  action: 'create',
  what: {},
  at: AT,
});
const receipt = {
  endpoint: 'graphql',
  invocation_id: null,
  mcon: 'M',
  trace_id: 't',
  http_status: 200,
  events: 1,
  bytes: 0,
  at: AT,
};

async function deadRun(dir: string): Promise<void> {
  const journal = await openJournal(backendIn(dir), 'r1');
  await journal.append({ type: 'open', run: 'r1', command: 'apply', at: AT });
  const item = {
    kind: 'node',
    key: 'node:a',
    spec: { objectType: 'x', objectId: 'a', properties: {}, expireAt: '7d' },
    expires_at: AT,
    mcon: null,
    applied_at: AT,
    run: 'r1',
  };
  await journal.append({ type: 'intent', op: '1', key: 'node:a', action: 'create', what: { item }, at: AT });
  await journal.append({ type: 'ack', op: '1', key: 'node:a', outcome: 'accepted', receipt, at: AT });
  await journal.append({
    type: 'intent',
    op: '2',
    key: 'node:b',
    action: 'create',
    what: { item: { ...item, key: 'node:b' } },
    at: AT,
  });
}

describe('the file backend', () => {
  stateBackendConformance(async () => {
    const dir = folder();
    return () => backendIn(dir);
  });

  test('files are 0600 and folders 0700', async () => {
    const dir = folder();
    await storeIn(dir).save(storeIn(dir).fresh(), null);
    const backend = backendIn(dir);
    await backend.append('journal/r', 'x\n');
    await backend.release?.('journal/r');
    for (const path of ['', 'generations', 'journal']) expect(statSync(join(dir, path)).mode & 0o777).toBe(0o700);
    for (const path of ['state.json', 'journal/r.ndjson']) expect(statSync(join(dir, path)).mode & 0o777).toBe(0o600);
  });

  test('a folder that is a link or writable by everybody is refused', async () => {
    const dir = folder();
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    await expect(backendIn(dir).get('state')).rejects.toMatchObject({ code: 'MCI504' });
    const link = `${dir}-link`;
    symlinkSync(dir, link);
    await expect(backendIn(link).put('state', 'a', null)).rejects.toMatchObject({ code: 'MCI504' });
  });

  test('every changed bit of a state is noticed, and the file left as it was', async () => {
    const dir = folder();
    await storeIn(dir).save(storeIn(dir).fresh(), null);
    const path = join(dir, 'state.json');
    const whole = readFileSync(path);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeState(bytes.toString('utf8'), 'here')).toThrow(
        expect.objectContaining({ exit: 'state_damaged' }),
      );
    }
    writeFileSync(path, whole.subarray(0, 40));
    await expect(storeIn(dir).read()).rejects.toMatchObject({ exit: 'state_damaged' });
    expect(readFileSync(path)).toEqual(whole.subarray(0, 40));
  });
});

describe('the journal', () => {
  test('a torn last record is dropped at every byte; any changed bit before is damage', async () => {
    const backend = backendIn(folder());
    const journal = await openJournal(backend, 'r');
    await journal.append(intent('1'));
    await journal.append(intent('2'));
    const text = (await backend.get('journal/r'))?.text ?? '';
    const first = text.indexOf('\n') + 1;
    for (let cut = first; cut < text.length; cut++)
      expect(parseJournal(text.slice(0, cut), 'r')).toEqual([intent('1')]);
    expect(parseJournal(text, 'r')).toEqual([intent('1'), intent('2')]);
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < (bytes.length - 1) * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => parseJournal(flipped.toString('utf8'), 'r')).toThrow(expect.objectContaining({ code: 'MCI501' }));
    }
  });

  test('a journal that is removed or replaced during a run takes no further record', async () => {
    const replace = (file: string): void => {
      writeFileSync(`${file}.new`, 'x\n');
      renameSync(`${file}.new`, file);
    };
    for (const harm of [rmSync, replace]) {
      const dir = folder();
      const file = join(dir, 'journal/r.ndjson');
      const journal = await openJournal(backendIn(dir), 'r');
      await journal.append(intent('1'));
      harm(file);
      await expect(journal.append(intent('2'))).rejects.toMatchObject({ code: 'MCI521' });
      await expect(journal.append(intent('3'))).rejects.toMatchObject({ code: 'MCI521' });
      expect(existsSync(file) ? readFileSync(file, 'utf8') : 'x\n').toBe('x\n');
    }
  });

  test('the last record lets go of the file', async () => {
    const backend = backendIn(folder());
    let released = 0;
    const counting = {
      ...backend,
      release: async (name: string) => {
        released++;
        await backend.release?.(name);
      },
    };
    const journal = await openJournal(counting, 'r');
    await journal.append(intent('1'));
    expect(released).toBe(0);
    await journal.append({ type: 'close', outcome: 'done', at: AT });
    expect(released).toBe(1);
    expect(await readJournal(backend, 'r')).toHaveLength(2);
  });

  test('appends of concurrent writers share their writes and are all kept', async () => {
    const backend = backendIn(folder());
    let writes = 0;
    const journal = await openJournal(
      {
        ...backend,
        append: (name, text) => {
          writes++;
          return backend.append(name, text);
        },
      },
      'r',
    );
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 50; n++) await journal.append(intent(`${writer}-${n}`));
      }),
    );
    expect(await readJournal(backend, 'r')).toHaveLength(400);
    expect(writes).toBeLessThan(200);
  });
});

test('recovery folds a dead run once: the accepted is known, the unanswered in doubt, every receipt in its record', async () => {
  const dir = folder();
  await deadRun(dir);
  const found = await recover(storeIn(dir));
  expect(found.stored?.state.items['node:a']).toMatchObject({ mcon: 'M' });
  expect(found.in_doubt).toEqual(['node:b']);
  expect(found.runs[0]).toMatchObject({
    run: 'r1',
    outcome: 'interrupted',
    changes: [{ receipts: [receipt] }, { status: 'unknown' }],
  });
  const bytes = readFileSync(join(dir, 'state.json'));
  expect((await recover(storeIn(dir))).runs).toEqual([]);
  expect(readFileSync(join(dir, 'state.json'))).toEqual(bytes);
});

test('history lists runs after the state was deleted', async () => {
  const dir = folder();
  await deadRun(dir);
  expect((await history(backendIn(dir))).map(({ run }) => run)).toEqual(['r1']);
  await recover(storeIn(dir));
  rmSync(join(dir, 'state.json'));
  rmSync(join(dir, 'generations'), { recursive: true });
  expect((await history(backendIn(dir)))[0]?.changes[0]?.receipts).toEqual([receipt]);
});

test('a plan sees what a dead run did, not what a run at work is doing, and writes nothing', async () => {
  const facts = { host: 'h', boot_id: 'b', pid: 4, pid_start: '7', user: 'u', startOf: async () => '7' };
  const dir = folder();
  await deadRun(dir);
  await withLock(backendIn(dir), { run: 'r1', command: 'apply', facts }, async () => {
    expect(await lookAhead(storeIn(dir), facts)).toBeNull();
  });
  const gone = { ...facts, startOf: async () => null };
  expect((await lookAhead(storeIn(dir), gone))?.items['node:a']).toMatchObject({ mcon: 'M' });
  expect(await storeIn(dir).read()).toBeNull();
});

test('what a first run left when it died has one lineage, however often it is looked at', async () => {
  const dir = folder();
  await deadRun(dir);
  const facts = { host: 'h', boot_id: '', pid: 1, pid_start: '', user: 'u', startOf: async () => undefined };
  const seen = [await lookAhead(storeIn(dir), facts), await lookAhead(storeIn(dir), facts)].map(
    (state) => state?.lineage,
  );
  expect(seen[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(seen[1]).toBe(seen[0]);
  expect((await recover(storeIn(dir))).stored?.state.lineage).toBe(seen[0]);
});
