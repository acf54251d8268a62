import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, gateway } from '../fakes/gateway.ts';
import { cli, folder } from '../support/cli.ts';

const CONFIG = `version: 1
project: cuts
resources:
  wh: {uuid: 11111111-1111-4111-8111-111111111111, resource_type: snowflake}
sources:
  logs: {type: file, resource: wh, path: logs.ndjson}
flows:
  logs: {source: logs, collect: query_logs, every: 1h, log_type: snowflake}
`;
const log = (query_text: string) =>
  JSON.stringify({ start_time: '2026-03-01T10:00:00Z', end_time: '2026-03-01T10:00:01Z', query_text });

let gate: Gateway;
let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  gate = await gateway();
  const logs = [log('select 1'), log(`select '${'é'.repeat(600_000)}'`), '{"end":true,"events":2,"complete":true}'];
  place = await folder({ 'mc-ingest.yaml': CONFIG, 'logs.ndjson': `${logs.join('\n')}\n` });
});
afterAll(async () => {
  await gate.close();
  await place.remove();
});

describe('a collected query text over the limit', () => {
  it('is cut with a mark, counted in the run document and said, and then sent', async () => {
    const env = { MCD_INGEST_ID: 'ingest-key-id', MCD_INGEST_TOKEN: 'ingest-key-token', MC_INGEST_ENDPOINT: gate.url };
    const result = await cli(['apply', '--yes', '--format', 'json'], { cwd: place.path, env });
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('a query text over 500000 bytes cut');
    expect(JSON.parse(result.stdout).changes[0].collected).toMatchObject({ events: 2, cut: 1 });
    const [first, second] = JSON.parse(gate.seen[0]?.text ?? '').events;
    expect(first.query_text).toBe('select 1');
    expect(second.query_text).toMatch(/é \/\* mc-ingest: cut here, \d+ of 600009 characters are left out \*\/$/);
  });
});
