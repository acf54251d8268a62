// One subject, once, in a process of its own: prints how many milliseconds it took. `node scale-child.js SUBJECT FOLDER`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppliedItem, DesiredItem, KnownState } from '../../src/plan/types.ts';
import { built } from './paths.ts';
import { NODES_FILE } from './scale-data.ts';

const NOW = Date.parse('2026-11-01T00:00:00Z');
const AT = new Date(NOW - 3_600_000).toISOString();
/** Of so many items one was edited since the last apply. */
const EDITED_EVERY = 100;
const [subject = '', folder = '.'] = process.argv.slice(2);

async function load() {
  const { loadConfig }: typeof import('../../src/config/load.ts') = await import(built('config/load.js'));
  const { SOURCE_TYPES }: typeof import('../../src/registry.ts') = await import(built('registry.js'));
  return () =>
    loadConfig({ file: 'mc-ingest.yaml', cwd: folder, env: {}, sourceTypes: SOURCE_TYPES, secrets: 'check', now: NOW });
}

async function desired(): Promise<readonly DesiredItem[]> {
  const { desire }: typeof import('../../src/flows/desire.ts') = await import(built('flows/desire.js'));
  const { config, problems } = await (await load())();
  if (config === null) throw new Error(`the data is not valid: ${problems[0]?.message}`);
  return desire(config);
}

/** What an apply an hour ago would have left of these nodes; one in a hundred has another name since. */
function appliedOf(item: DesiredItem, index: number): AppliedItem {
  if (item.kind !== 'node') throw new Error(`${item.key} is no node`);
  const spec = JSON.parse(JSON.stringify(item.spec)) as typeof item.spec;
  return {
    kind: 'node',
    key: item.key,
    spec: index % EDITED_EVERY === 0 ? { ...spec, name: `old ${index}` } : spec,
    applied_at: AT,
    run: 'bench',
    tags: item.tags ?? [],
    protect: item.protect ?? false,
    expires_at: spec.expireAt.length < 5 ? '2026-12-01T00:00:00+00:00' : spec.expireAt,
    mcon: `MCON++a++b++c++${index}`,
  };
}

async function planning(): Promise<() => number> {
  const { plan }: typeof import('../../src/plan/plan.ts') = await import(built('plan/plan.js'));
  const wanted = await desired();
  const items = Object.fromEntries(wanted.map((item, index) => [item.key, appliedOf(item, index)]));
  const state: KnownState = { lineage: 'a', serial: 1, saved_at: AT, project: 'bench', items };
  const input = {
    project: 'bench',
    config_digest: 'sha256:0',
    desired: wanted,
    moved: [],
    removed: [],
    state,
    now: NOW,
  };
  return () => {
    const found = plan(input);
    if (found.changes.length !== wanted.length) throw new Error(`${found.changes.length} rows of ${wanted.length}`);
    const updates = found.summary.update ?? 0;
    if (updates !== Math.ceil(wanted.length / EDITED_EVERY)) throw new Error(`${updates} updates were found`);
    return found.changes.length;
  };
}

async function parsing(): Promise<() => number> {
  const { validateConfig }: { readonly validateConfig: (data: unknown) => boolean } = await import(
    built('config-validator.js')
  );
  const file = join(folder, NODES_FILE);
  return () => {
    const data: object = JSON.parse(readFileSync(file, 'utf8'));
    if (!validateConfig({ version: 1, project: 'bench', ...data })) throw new Error('ajv finds the data wrong');
    return 1;
  };
}

async function prepare(): Promise<() => unknown> {
  if (subject === 'validate') {
    const loader = await load();
    return async () => {
      const { problems } = await loader();
      if (problems.length > 0) throw new Error(problems[0]?.message);
    };
  }
  if (subject === 'parse-and-ajv') return parsing();
  if (subject === 'plan') return planning();
  if (subject !== 'stringify') throw new Error(`no subject ${subject}`);
  const items = await desired();
  return () => JSON.stringify(items).length;
}

const work = await prepare();
const began = performance.now();
await work();
process.stdout.write(JSON.stringify({ ms: performance.now() - began }));
