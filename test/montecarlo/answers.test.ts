import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readGraphql, readPush } from '../../src/montecarlo/answer.ts';
import { httpTransport, type Transport } from '../../src/montecarlo/http-transport.ts';
import { retryAfterMs, send } from '../../src/montecarlo/send.ts';
import { type Gateway, gateway, INVOCATION, type Reply } from '../fakes/gateway.ts';
import { connectionTo, counter, fakeClock, RESOURCE } from './support.ts';

interface Case {
  readonly name: string;
  readonly server: {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly kind?: string;
    readonly seq?: readonly (readonly [number, Record<string, string>, string])[];
  };
}
const golden: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/golden/responses.json', import.meta.url), 'utf8'),
);

/** What we make of each answer: status, requests for an upsert, status and requests for what may go only once. */
const ACCEPTED = ['accepted', 1, 'accepted', 1] as const;
const REFUSED = ['refused', 1, 'refused', 1] as const;
const DOUBT = ['in_doubt', 3, 'in_doubt', 1] as const;
const LATER = ['unavailable', 5, 'unavailable', 5] as const;
const TABLE: Readonly<Record<string, readonly [string, number, string, number]>> = {
  '200-empty': ACCEPTED,
  '202-empty': ACCEPTED,
  '204': ACCEPTED,
  '202-id': ACCEPTED,
  '200-id': ACCEPTED,
  '202-other-json': ACCEPTED,
  '202-id-number': ACCEPTED,
  '202-array': ACCEPTED,
  '202-null': ACCEPTED,
  // The SDK raises. Whether the data arrived cannot be told from a proxy's page, and sending again would meet it again.
  '200-html': ['in_doubt', 1, 'in_doubt', 1],
  '400': REFUSED,
  '401': REFUSED,
  '403': REFUSED,
  '404': REFUSED,
  '409': REFUSED,
  '413': REFUSED,
  '415': REFUSED,
  '422': REFUSED,
  '429': LATER,
  '500': DOUBT,
  '502': DOUBT,
  '503': DOUBT,
  '504': DOUBT,
  '429-retry-after': ['accepted', 2, 'accepted', 2],
  '503-then-202': ['accepted', 3, 'in_doubt', 1],
  '403-long': REFUSED,
  '302': REFUSED,
  '307': REFUSED,
  '307-other-host': REFUSED,
  reset: DOUBT,
  closed: DOUBT,
  refused: ['unavailable', 0, 'unavailable', 0],
  'read-timeout': DOUBT,
  'graphql-read-timeout': DOUBT,
  'graphql-ok': ACCEPTED,
  'graphql-200-errors': REFUSED,
  'graphql-200-partial': REFUSED,
  'graphql-200-request-timeout': DOUBT,
  'graphql-200-in-progress': ['in_doubt', 5, 'in_doubt', 1],
  'graphql-400': REFUSED,
  'graphql-401': REFUSED,
  'graphql-403': REFUSED,
  'graphql-413': REFUSED,
  'graphql-429': LATER,
  'graphql-500': DOUBT,
  'graphql-503': DOUBT,
  'graphql-504': DOUBT,
  'graphql-400-errors': REFUSED,
  'graphql-500-errors': DOUBT,
  'graphql-502-html': DOUBT,
  'graphql-200-html': DOUBT,
  'graphql-reset': DOUBT,
  'graphql-idempotent-in-progress': ['in_doubt', 5, 'in_doubt', 1],
};

const opened: { gate: Gateway; transport: Transport }[] = [];
afterEach(async () => {
  for (const { gate, transport } of opened.splice(0)) {
    await transport.close();
    await gate.close();
  }
});

function replyOf({ server }: Case, index: number): Reply {
  if (server.kind === 'hang') return { hang: true };
  if (server.kind === 'reset') return { drop: 'reset' };
  if (server.kind !== undefined) return { drop: 'after' };
  const [status, headers, body] = server.seq?.[Math.min(index, server.seq.length - 1)] ?? [
    server.status ?? 202,
    server.headers ?? {},
    server.body,
  ];
  return { status, headers, ...(body === undefined ? {} : { body }) };
}

async function setup(script: (index: number) => Reply) {
  const gate = await gateway((_, index) => script(index));
  const deadline = { ingest: 150, graphql: 150 };
  const transport = httpTransport({ connection: connectionTo(gate.url), version: '0.1.0', concurrency: 1, deadline });
  opened.push({ gate, transport });
  return { gate, transport, ...fakeClock() };
}

async function take(one: Case, repeat: 'upsert' | 'once') {
  const { gate, transport, clock, waits } = await setup((index) => replyOf(one, index));
  if (one.name === 'refused') await gate.close();
  const to = one.name.startsWith('graphql') ? ('graphql' as const) : ('ingest' as const);
  const about = { to, resource: RESOURCE, hidden: ['ingest-token-value'] };
  const { result } = await send(
    { to, path: to === 'ingest' ? '/ingest/v1/metadata' : '', body: Buffer.from('{}') },
    { repeat, read: (answer) => (to === 'ingest' ? readPush(answer, about) : readGraphql(answer, about)) },
    { transport, clock, random: () => 0.5, uuid: counter(), signal: new AbortController().signal },
  );
  return { result, requests: gate.seen.length, waits, seen: gate.seen };
}

describe('the answers the SDK was recorded with', () => {
  it('are all in the table', () => {
    expect(Object.keys(TABLE).sort()).toEqual(golden.cases.map(({ name }) => name).sort());
  });

  it.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const [status, requests, onceStatus, onceRequests] = TABLE[name] ?? ['missing', 0, 'missing', 0];
    const upsert = await take(one, 'upsert');
    expect([upsert.result.status, upsert.requests]).toEqual([status, requests]);
    const once = await take(one, 'once');
    expect([once.result.status, once.requests]).toEqual([onceStatus, onceRequests]);
    if (upsert.result.status === 'accepted' && !name.startsWith('graphql'))
      expect(upsert.result.invocationId).toBe(/-id$|retry-after|then/.test(name) ? INVOCATION : null);
    expect(new Set(upsert.seen.map((request) => request.headers['x-mcd-trace-id'])).size).toBe(requests);
  });

  it('names the host of a redirect, and sends it nothing', async () => {
    const foreign = await setup(() => ({}));
    const { result } = await take(
      { name: 'x', server: { status: 307, headers: { location: `${foreign.gate.url}/other` }, body: '' } },
      'upsert',
    );
    expect(result).toMatchObject({ status: 'refused', code: 'MCI414' });
    expect(JSON.stringify(result)).toContain(new URL(foreign.gate.url).host);
    expect(foreign.gate.seen).toHaveLength(0);
  });

  it('waits as long as Retry-After asks', async () => {
    const one = golden.cases.find(({ name }) => name === '429-retry-after');
    expect(one === undefined ? null : (await take(one, 'upsert')).waits).toEqual([60_000]);
  });

  it('shows at most 500 characters of what the gateway said', async () => {
    const { result } = await take({ name: 'x', server: { status: 400, body: 'y'.repeat(2000) } }, 'upsert');
    expect('message' in result ? result.message.match(/y/g)?.length : 0).toBe(500);
  });

  it('takes a 2xx whose body breaks off, or is far too long, as accepted without a handle', async () => {
    for (const reply of [{ breakOff: true, body: '{"invocation' }, { body: 'z'.repeat(200_000) }]) {
      const { transport } = await setup(() => reply);
      const answer = await transport.post({ to: 'ingest', path: '/', body: Buffer.from('{}'), traceId: 'a' });
      expect(answer).toMatchObject({ kind: 'answer', truncated: true });
      expect(readPush(answer, { to: 'ingest', resource: null, hidden: [] })).toMatchObject({
        kind: 'accepted',
        invocationId: null,
      });
    }
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T10:00:00Z');
  it.each([
    ['7', 7000],
    ['100000', 120_000],
    ['Sun, 01 Mar 2026 10:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2020 10:00:30 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['', null],
    [undefined, null],
  ])('%s means %s ms', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });
});

it.each([
  ['as it is', (token: string) => token],
  ['in JSON', (token: string) => JSON.stringify({ token })],
  ['in an address', (token: string) => encodeURIComponent(token)],
  ['in base64', (token: string) => Buffer.from(token).toString('base64')],
  ['in hexadecimal', (token: string) => Buffer.from(token).toString('hex')],
])('shows no token that an answer repeats %s', (_how, repeated) => {
  const token = 'quote"and+slash/=1';
  const text = `you sent ${repeated(token)}`;
  const answer = { kind: 'answer', status: 403, headers: {}, text, truncated: false } as const;
  const verdict = readPush(answer, { to: 'ingest', resource: null, hidden: [token] });
  expect(verdict).toMatchObject({ kind: 'refused', message: expect.stringContaining('***') });
  expect(JSON.stringify(verdict)).not.toContain(repeated(token));
});
