import { afterEach, expect, it, vi } from 'vitest';
import { projectStore } from '../../src/commands/project-state.ts';
import { withRun } from '../../src/commands/with-run.ts';
import { requireConfig } from '../../src/config/load.ts';
import { SOURCE_TYPES } from '../../src/registry.ts';
import { readJournal } from '../../src/state/journal.ts';
import { unlock } from '../../src/state/lock.ts';
import { folder } from '../support/cli.ts';
import { context } from './config-context.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of open.splice(0)) await close();
});

async function world() {
  const place = await folder({ 'mc-ingest.yaml': 'version: 1\nproject: shop\n' });
  open.push(place.remove);
  const made = context(place.path);
  const facts = { file: 'mc-ingest.yaml', cwd: place.path, env: {}, sourceTypes: SOURCE_TYPES };
  const config = await requireConfig({ ...facts, secrets: 'defer' });
  const options = { config, command: 'apply', now: made.context.now, flags: { lockTimeout: 0 } };
  return { ...made, options, store: projectStore(made.context, config) };
}

it('ends a run whose lock was taken away with exit 8, saves nothing, and leaves its journal to the next run', async () => {
  const { context: of, options, store } = await world();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let run = '';
  const ended = withRun(of, options, async (live) => {
    run = live.run;
    await live.begin();
    await unlock(store.backend, 1);
    const heard = new Promise<void>((resolve) => live.signal.addEventListener('abort', () => resolve()));
    vi.advanceTimersByTime(30_000);
    await heard;
    return { rows: [] };
  });
  await expect(ended).rejects.toMatchObject({ code: 'MCI511', exit: 'locked' });
  expect(await store.read()).toBeNull();
  expect((await readJournal(store.backend, run)).map(({ type }) => type)).toEqual(['open']);
});

it('records a run that broke with what its journal tells, and passes the error on', async () => {
  const { context: of, options, store } = await world();
  const broken = withRun(of, options, async (live) => {
    await live.begin();
    throw new Error('broken');
  });
  await expect(broken).rejects.toThrow('broken');
  const [name] = await store.backend.list('runs/');
  const kept = JSON.parse((await store.backend.get(name ?? ''))?.text ?? '{}');
  expect(kept).toMatchObject({ format: 'mc-ingest.run/1', command: 'apply', outcome: 'failed', exit_code: 1 });
});
