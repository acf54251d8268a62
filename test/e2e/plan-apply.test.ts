import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, folder, type Sandbox, startSandboxProcess } from '../support/cli.ts';

const HEAD = 'version: 1\nproject: shop\nlineage:\n  defaults: { expireAt: never, resourceName: dbt }\n';

function config(a: string, b: string): string {
  return `${HEAD}  nodes:
    a: { objectType: model, objectId: ${a} }
    b: { objectType: model, objectId: ${b} }
  edges:
    - { from: a, to: b }
`;
}

let place: Awaited<ReturnType<typeof folder>>;
let sandbox: Sandbox;

beforeEach(async () => {
  place = await folder({ 'mc-ingest.yaml': config('one', 'two') });
  sandbox = await startSandboxProcess(place.path);
});

afterEach(async () => {
  await sandbox.stop();
  await place.remove();
});

const run = (...args: string[]) => cli(args, { cwd: place.path, env: sandbox.env });

async function wanted(): Promise<readonly string[]> {
  const { changes } = JSON.parse((await run('plan', '--format', 'json')).stdout) as {
    changes: { key: string; action: string }[];
  };
  return changes.filter(({ action }) => action !== 'keep').map(({ key, action }) => `${action} ${key}`);
}

describe('a plan and its apply', () => {
  it('swaps the objects of two nodes and loses neither', async () => {
    expect((await run('apply', '--yes')).code).toBe(0);
    await writeFile(join(place.path, 'mc-ingest.yaml'), config('two', 'one'));
    expect(await wanted()).toEqual(['replace node:a', 'replace node:b', 'replace edge:a->b']);
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    const lineage = JSON.stringify(await sandbox.get('lineage'));
    expect(lineage).toContain('shop/a');
    expect(lineage).toContain('shop/b');
    expect(await wanted()).toEqual([]);
  });

  it('renames a node with its edge, and deletes nothing', async () => {
    expect((await run('apply', '--yes')).code).toBe(0);
    const renamed = config('one', 'two').replace('    a:', '    z:').replace('from: a', 'from: z');
    await writeFile(join(place.path, 'mc-ingest.yaml'), `${renamed}moved: [{ from: node:a, to: node:z }]\n`);
    // The mark on the node names it, so that a lost state can be found again: it is written anew.
    expect(await wanted()).toEqual(['update node:z']);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect(await wanted()).toEqual([]);
  });

  it('carries a saved plan of a selection out, once', async () => {
    expect((await run('plan', '--select', 'node:a', '--out', 'plan.json')).code).toBe(0);
    const applied = await run('apply', 'plan.json');
    expect(applied.code, applied.stderr).toBe(0);
    expect(await wanted()).toEqual(['create node:b', 'create edge:a->b']);
    const again = await run('apply', 'plan.json');
    expect(again.code).toBe(7);
    expect(again.stderr).toContain('MCI353');
  });

  it('refuses a saved plan that was changed, and one made from another configuration', async () => {
    expect((await run('plan', '--out', 'plan.json')).code).toBe(0);
    const text = await readFile(join(place.path, 'plan.json'), 'utf8');
    await writeFile(join(place.path, 'changed.json'), text.replace('not_in_state', 'not_in_statf'));
    const changed = await run('apply', 'changed.json');
    expect(changed.code).toBe(7);
    expect(changed.stderr).toContain('it was changed after it was written');
    await writeFile(join(place.path, 'mc-ingest.yaml'), `${config('one', 'two')}removed: [node:never_there]\n`);
    const other = await run('apply', 'plan.json');
    expect(other.code).toBe(7);
    expect(other.stderr).toContain('the configuration was changed');
  });
});
