import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, folder, type Sandbox, startSandboxProcess } from '../support/cli.ts';

const lineage = (name: string): string => `version: 1
project: shop
lineage:
  defaults: { expireAt: never, resourceName: dbt }
  nodes:
    a: { objectType: model, objectId: a }
    ${name}: { objectType: model, objectId: b }
  edges:
    - { from: a, to: ${name} }
    - { from: ${name}, to: { table: shop.public.orders, resourceName: dbt } }
`;

let place: Awaited<ReturnType<typeof folder>>;
let sandbox: Sandbox;
beforeEach(async () => {
  place = await folder({ 'mc-ingest.yaml': lineage('b') });
  sandbox = await startSandboxProcess(place.path);
});
afterEach(async () => {
  await sandbox.stop();
  await place.remove();
});
const run = (...args: string[]) => cli(args, { cwd: place.path, env: sandbox.env });

describe('state by hand', () => {
  it('takes the edges of a moved node along, so that the renamed file makes none of them anew', async () => {
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    expect((await run('state', 'mv', 'node:b', 'node:bb')).code).toBe(0);
    expect((await run('state', 'list')).stdout.split('\n')).toEqual([
      'edge:a->bb',
      'edge:bb->table:shop:public.orders',
      'node:a',
      'node:bb',
      '',
    ]);
    await writeFile(join(place.path, 'mc-ingest.yaml'), lineage('bb'));
    const { changes } = JSON.parse((await run('plan', '--format', 'json')).stdout) as {
      changes: { key: string; action: string }[];
    };
    expect(changes.filter(({ action }) => action !== 'keep').map(({ key, action }) => `${action} ${key}`)).toEqual([
      'update node:bb', // the ownership mark holds the name
    ]);
  });

  it('prints one JSON document whatever is done, and with ndjson one a line', async () => {
    await run('apply', '--yes');
    const pulled = await run('state', 'pull');
    await writeFile(join(place.path, 'pulled.json'), pulled.stdout);
    for (const args of [
      ['push', 'pulled.json'],
      ['mv', 'node:b', 'node:c'],
      ['rm', 'node:c'],
      ['list'],
      ['show'],
      ['show', 'node:a'],
      ['history'],
      ['unlock'],
      ['unlock', '4711'],
      ['rm', 'node:none'],
      ['nonsense'],
    ]) {
      const { stdout } = await run('state', ...args, '--format', 'json');
      expect(() => JSON.parse(stdout), `${args.join(' ')}: ${stdout}`).not.toThrow();
    }
    for (const action of ['list', 'show', 'history', 'unlock'])
      for (const line of (await run('state', action, '--format', 'ndjson')).stdout.trim().split('\n'))
        expect(() => JSON.parse(line), `${action}: ${line}`).not.toThrow();
  });
});

describe('a deletion whose answer got lost', () => {
  const less =
    'version: 1\nproject: shop\nlineage:\n  defaults: { expireAt: never, resourceName: dbt }\n  nodes:\n    a: { objectType: model, objectId: a }\n';

  it('is settled by looking at once: the node is gone', async () => {
    await run('apply', '--yes');
    await writeFile(join(place.path, 'mc-ingest.yaml'), less);
    await sandbox.post('faults', [{ on: 'graphql', times: 1, drop: 'after' }]);
    const applied = await run('apply', '--yes');
    expect([0, 9]).toContain(applied.code);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect((await run('state', 'list')).stdout).toBe('node:a\n');
  });

  it('is settled by the next run where even that could not be looked at', async () => {
    await run('apply', '--yes');
    await writeFile(join(place.path, 'mc-ingest.yaml'), less);
    await sandbox.post('faults', [{ on: 'graphql', times: 12, drop: 'after' }]);
    expect((await run('apply', '--yes')).code).toBe(9);
    await sandbox.post('faults', []);
    const again = await run('apply', '--yes');
    expect(again.code, again.stderr).toBe(0);
    expect((await run('state', 'list')).stdout).toBe('node:a\n');
    const idle = await run('plan', '--detailed-exitcode');
    expect(idle.code, idle.stdout).toBe(0);
  });

  it('is nothing to fail for when somebody else deleted the node', async () => {
    await run('apply', '--yes');
    await sandbox.post('reset', {});
    await writeFile(join(place.path, 'mc-ingest.yaml'), less);
    const applied = await run('apply', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
  });
});
