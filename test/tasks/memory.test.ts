import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlowJob } from '../../src/flows/flow.ts';
import type { Source } from '../../src/sources/source.ts';
import { type CollectEffects, collectJob } from '../../src/tasks/effects.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mc-ingest-memory-'));
});
afterAll(() => rm(dir, { recursive: true }));

const nothing: Source = {
  type: 'none',
  open: async () => ({
    collect: () => ({ rows: (async function* () {})(), end: () => ({ complete: true, missing: [] }) }),
    close: async () => undefined,
  }),
};

async function linesWith(freeGigabytes: number): Promise<readonly string[]> {
  const lines: string[] = [];
  const origin = { file: 'f', line: 1, column: 1, path: '' };
  const resource = { name: 'w', uuid: '11111111-1111-4111-8111-111111111111', resource_type: 'snowflake' };
  const source = { name: 's', type: 'none', resource, options: {}, origin };
  const flow: FlowJob = {
    name: 'tables',
    source,
    resource,
    collect: 'metadata',
    every: 3_600_000,
    batch: {},
    compression: 'none',
    tags: [],
    protect: false,
    options: {},
    origin,
  };
  const effects: CollectEffects = {
    run: `run-${freeGigabytes}`,
    flows: [flow],
    sources: { none: async () => nothing },
    world: { dir, env: {}, now: () => 0, note: () => undefined },
    manifests: join(dir, 'manifests'),
    now: () => 0,
    signal: new AbortController().signal,
    freeMemory: () => freeGigabytes * 1024 ** 3,
    say: () => undefined,
    line: (text) => void lines.push(text),
    report: () => undefined,
  };
  await collectJob(flow, {}, effects);
  return lines;
}

test('a collect with less than 2 GB of free memory warns, and says what the flow holds at most', async () => {
  expect(await linesWith(1.5)).toEqual([
    expect.stringMatching(/^warning {2}1\.5 GB .*flow:tables holds about \d+ MB at most/),
  ]);
  expect(await linesWith(2)).toEqual([]);
});
