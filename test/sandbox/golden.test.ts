import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, sandboxClient } from '../support/sandbox-data.ts';

interface Golden {
  readonly name: string;
  readonly request: {
    readonly path: string;
    readonly body: Readonly<Record<string, unknown>>;
    readonly body_raw?: string;
  };
}

/** Requests recorded from the vendor's SDK (pycarlo 0.15.500). */
function cases(path: string): readonly Golden[] {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as readonly Golden[];
}

/** What the SDK lets pass and Monte Carlo does not take, by the contract: a kind of its own, no time, no resource. */
const REFUSED: ReadonlySet<string> = new Set([
  'metadata-empty-strings',
  'metadata-native-type-passthrough',
  'lineage-type-without-uuid',
]);

let client: Client;
beforeAll(async () => {
  client = await sandboxClient();
});
afterAll(() => client.running.close());

describe('the requests of the vendor’s SDK', () => {
  for (const family of ['metadata', 'lineage', 'querylogs', 'etl-metadata', 'etl-runs', 'bi-metadata'])
    for (const { name, request } of cases(`../fixtures/golden/${family}.json`))
      it(`${name} is ${REFUSED.has(name) ? 'refused, as the contract says' : 'accepted as it was sent'}`, async () => {
        const path = request.path.replace('/ingest/v1/', '');
        const response = await client.push(path, request.body_raw ?? request.body);
        const text = await response.text();
        if (REFUSED.has(name)) expect([response.status, text]).toEqual([400, expect.stringContaining('message')]);
        else expect([response.status, text]).toEqual([202, expect.stringContaining('invocation_id')]);
      });

  for (const { name, request } of cases('../fixtures/golden/graphql.json'))
    it(`${name} is a valid document, whatever comes of it`, async () => {
      const { env, graphql_endpoint } = client.running;
      const headers = { 'x-mcd-id': env['MCD_ID'] ?? '', 'x-mcd-token': env['MCD_TOKEN'] ?? '' };
      const response = await fetch(graphql_endpoint, { method: 'POST', headers, body: JSON.stringify(request.body) });
      const reply = (await response.json()) as { data?: unknown; errors?: { message: string }[] };
      expect(response.status).toBe(200);
      // A bare date is no DateTime: the SDK refuses it where it checks, and so does the sandbox.
      for (const { message } of reply.errors ?? [])
        expect(message).toMatch(/no node|none was deleted|"9999-12-31" is not a whole DateTime/);
    });
});
