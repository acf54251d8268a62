import { afterEach, describe, expect, it } from 'vitest';
import { type Gateway, gateway, type Reply, type Seen } from '../fakes/gateway.ts';
import { cli, ended, folder, startCli } from '../support/cli.ts';

const UUID = '11111111-1111-4111-8111-111111111111';
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function world(files: Readonly<Record<string, string>>, script: (request: Seen) => Reply) {
  const place = await folder(files);
  const gate: Gateway = await gateway(script);
  open.push(gate.close, place.remove);
  const env = {
    MC_INGEST_ENDPOINT: gate.url,
    MC_INGEST_GRAPHQL_ENDPOINT: `${gate.url}/graphql`,
    MCD_INGEST_ID: 'key-id-1234',
    MCD_INGEST_TOKEN: 'key-token-1234',
    MCD_ID: 'key-id-1234',
    MCD_TOKEN: 'key-token-1234',
  };
  const start = (...args: string[]) => {
    const child = startCli(args, { cwd: place.path, env });
    child.stdin?.end();
    return { child, end: ended(child) };
  };
  return { gate, start, run: (...args: string[]) => cli(args, { cwd: place.path, env }) };
}

const tables = (prefix: string): string =>
  Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({
      relational_asset: { type: 'TABLE', metadata: { name: `${prefix}${i}`, database: 'd', schema: 's' } },
    }),
  ).join('\n');
const TWO_FLOWS = `version: 1
project: p
resources:
  v: { uuid: "${UUID}", resource_type: snowflake }
  w: { uuid: "${UUID.replace('1', '2')}", resource_type: snowflake }
sources:
  a: { type: file, resource: v, path: a.ndjson }
  b: { type: file, resource: w, path: b.ndjson }
flows:
  a: { source: a, collect: metadata, every: 1h, batch: { events: 1 } }
  b: { source: b, collect: metadata, every: 1h, batch: { events: 1 } }
`;

describe('a signal', () => {
  it('lets nothing out that was waiting for a connection when it came', async () => {
    const files = { 'mc-ingest.yaml': TWO_FLOWS, 'a.ndjson': tables('a'), 'b.ndjson': tables('b') };
    const { gate, start, run } = await world(files, () => ({ delayMs: 800 }));
    const { child, end } = start('apply', '--yes', '--format', 'json');
    await expect.poll(() => gate.seen.length, { timeout: 10_000 }).toBe(4);
    child.kill('SIGTERM');
    const { code, stdout } = await end;
    expect(code).toBe(143);
    expect(gate.seen).toHaveLength(4);
    const { changes } = JSON.parse(stdout) as { changes: { status: string; because?: string }[] };
    expect(changes.map(({ status, because }) => [status, because])).toEqual([
      ['skipped', 'interrupted'],
      ['skipped', 'interrupted'],
    ]);
    expect((await run('state', 'unlock')).stdout).toContain('not locked');
  });

  it('waits at most 5 s for a mutation that is not answered, and puts it in doubt', async () => {
    const config =
      'version: 1\nproject: p\nlineage:\n  nodes:\n    a: { objectType: model, objectId: a, resourceName: dbt, expireAt: never }\n';
    const { gate, start } = await world({ 'mc-ingest.yaml': config }, () => ({ hang: true }));
    const { child, end } = start('apply', '--yes', '--format', 'json');
    await expect.poll(() => gate.seen.length, { timeout: 10_000 }).toBe(1);
    const since = Date.now();
    child.kill('SIGINT');
    const { code, stdout } = await end;
    expect(Date.now() - since).toBeLessThan(5_500);
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'interrupted',
      changes: [{ key: 'node:a', status: 'unknown' }],
    });
  });

  it('ends the waiting for a lock as an interruption', async () => {
    const files = { 'mc-ingest.yaml': TWO_FLOWS, 'a.ndjson': tables('a'), 'b.ndjson': tables('b') };
    const { gate, start } = await world(files, () => ({ hang: true }));
    const holder = start('apply', '--yes');
    await expect.poll(() => gate.seen.length, { timeout: 10_000 }).toBe(4);
    const waiting = start('apply', '--yes', '--lock-timeout', '5m', '--format', 'json');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    waiting.child.kill('SIGINT');
    const { code, stdout } = await waiting.end;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'MCI002' }] });
    holder.child.kill('SIGKILL');
    await holder.end;
  });
});
