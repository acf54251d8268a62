import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// By its own name, as another program would: through `exports` of package.json, from the built files.
const api = (await import('mc-ingest' as string)) as typeof import('../src/index.ts');

it('loads a configuration, plans it and prints the document, by the package name', async () => {
  const file = new URL('../examples/mc-ingest.yaml', import.meta.url).pathname;
  const config = await api.requireConfig({ file, cwd: '/', env: {}, sourceTypes: api.SOURCE_TYPES, secrets: 'defer' });
  const plan = api.plan({
    project: config.project,
    config_digest: config.digest,
    desired: api.desire(config),
    moved: [],
    removed: [],
    state: { lineage: null, serial: 0, saved_at: null, project: null, items: {} },
    now: Date.parse('2026-12-01T10:00:00Z'),
  });
  expect(api.planDocument(plan, { name: 'mc-ingest', version: '0' })).toMatchObject({ format: 'mc-ingest.plan/1' });
  expect(api.EXIT.config).toBe(65);
});

it('names everything it exports by hand', () => {
  expect(readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8')).not.toContain('export *');
});
