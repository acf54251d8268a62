import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { cli, folder } from '../support/cli.ts';

it('shows the whole loop on an embedded PostgreSQL, ends with nothing to do, and leaves nothing behind', async () => {
  const place = await folder();
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('mc-ingest-demo-'));
  const before = await left();
  try {
    const { code, stdout, stderr } = await cli(['demo'], { cwd: place.path });
    expect(code, stderr).toBe(0);
    const typed = [...stdout.matchAll(/^\$ mc-ingest (\w+)/gm)].map(([, name]) => name);
    expect(typed).toEqual(['validate', 'plan', 'apply', 'plan']);
    expect(stdout).toMatch(/applied in [\d.]+ s/);
    expect(stdout).toMatch(/flow:shop_metadata {2}[0-9a-f-]{36} {2}10 events/);
    expect(stdout).toMatch(/flow:shop_lineage {2}[0-9a-f-]{36} {2}5 events/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^shop · 6 items · nothing to do until \d\d:\d\d UTC$/);
    expect(await left()).toEqual(before);
    expect(await readdir(place.path)).toEqual([]);
  } finally {
    await place.remove();
  }
}, 60_000);
