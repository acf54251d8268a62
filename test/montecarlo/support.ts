import type { Transport } from '../../src/montecarlo/http-transport.ts';
import { httpTransport } from '../../src/montecarlo/http-transport.ts';
import type { PushDeps } from '../../src/montecarlo/push-types.ts';
import type { BatchIntent, Connection, ManifestHead, PushResult, Receipt } from '../../src/montecarlo/types.ts';

export const RESOURCE = '11111111-1111-4111-8111-111111111111';
export const INGEST_TOKEN = 'ingest-token-value';
export const GRAPHQL_TOKEN = 'graphql-token-value';

export function connectionTo(url: string): Connection {
  return {
    endpoint: url,
    graphqlEndpoint: `${url}/graphql`,
    ingestKey: { id: 'ingest-key-id', token: INGEST_TOKEN },
    graphqlKey: { id: 'graphql-key-id', token: GRAPHQL_TOKEN },
    session: 'mc-ingest-0.1.0-00000000-0000-4000-8000-000000000000',
  };
}

/** A clock on which waiting takes no time; `waits` are the milliseconds that were asked for. */
export function fakeClock() {
  const waits: number[] = [];
  let now = Date.parse('2026-03-01T10:00:00Z');
  return {
    waits,
    clock: {
      now: () => now,
      sleep: async (ms: number) => {
        waits.push(ms);
        now += ms;
      },
    },
  };
}

export function counter(): () => string {
  let n = 0;
  return () => {
    n += 1;
    return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  };
}

export function transportTo(url: string, deadline = { ingest: 10_000, graphql: 10_000 }): Transport {
  return httpTransport({ connection: connectionTo(url), version: '0.1.0', concurrency: 4, deadline });
}

export function head(collect: ManifestHead['collect'], extra: Partial<ManifestHead> = {}): ManifestHead {
  const kind = collect === 'query_logs' ? { log_type: 'snowflake' } : { resource_type: 'snowflake' };
  return {
    flow: 'a_flow',
    collect,
    resource: { uuid: RESOURCE, ...kind },
    started_at: '2026-03-01T10:00:00Z',
    ...extra,
  };
}

export async function* chunks(lines: readonly (Buffer | string)[], size = 100): AsyncGenerator<readonly Buffer[]> {
  for (let at = 0; at < lines.length; at += size)
    yield lines.slice(at, at + size).map((line) => (typeof line === 'string' ? Buffer.from(line) : line));
}

/** What `pushLines` needs, recording what it tells. `log` is the order in which things happened. */
export function pushDeps(url: string, transport: Transport, extra: Partial<PushDeps> = {}) {
  const { clock, waits } = fakeClock();
  const log: string[] = [];
  const intents: BatchIntent[] = [];
  const settled: { readonly batch: BatchIntent; readonly result: PushResult }[] = [];
  const receipts: Receipt[] = [];
  const deps: PushDeps = {
    connection: connectionTo(url),
    transport,
    ledger: {
      async intend(batch) {
        intents.push(batch);
        log.push(`intend ${batch.from}-${batch.to}`);
      },
      async settle(batch, result) {
        settled.push({ batch, result });
        log.push(`settle ${batch.from}-${batch.to} ${result.status}`);
      },
    },
    signal: new AbortController().signal,
    clock,
    random: () => 0.5,
    uuid: counter(),
    onReceipt: (receipt) => {
      receipts.push(receipt);
    },
    onProgress: () => {},
    ...extra,
  };
  return { deps, log, intents, settled, receipts, waits };
}
