import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, folder } from '../support/cli.ts';

/** Requests recorded from the vendor's SDK (pycarlo 0.15.500). */
const GOLDEN = new URL('../fixtures/golden/', import.meta.url);
const FAMILIES = ['metadata', 'lineage', 'querylogs', 'etl-metadata', 'etl-runs', 'bi-metadata'] as const;
const COLLECT = {
  metadata: 'metadata',
  lineage: 'table_lineage',
  querylogs: 'query_logs',
  'etl-metadata': 'etl',
  'etl-runs': 'etl_runs',
  'bi-metadata': 'bi',
} as const;

interface Golden {
  readonly name: string;
  readonly input: {
    readonly resource_uuid?: string | null;
    readonly resource_type?: string | null;
    readonly log_type?: string;
    readonly events: readonly unknown[];
    readonly events_repeated?: number;
    readonly event_type?: string;
    readonly event_time?: string;
    readonly process_tz?: string;
  };
  readonly request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: { readonly events: readonly unknown[] };
    readonly body_raw?: string;
  };
}

/** The elements of the `events` array of a body, as text: parsing would round integers beyond 2^53. */
function eventTexts(body: string): readonly string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = -1;
  let quoted = false;
  for (let at = body.indexOf('"events"') + 8; at < body.length; at += 1) {
    const char = body[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' && depth++ === 0) start = at;
    else if (char === '}' && --depth === 0) texts.push(body.slice(start, at + 1));
    else if (char === ']' && depth === 0) break;
  }
  return texts;
}

/** Every number token of a text, in order. */
function numbers(text: string): readonly string[] {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
}

function manifest(family: (typeof FAMILIES)[number], input: Golden['input'], lines: readonly string[]): string {
  const uuid = input.resource_uuid ?? undefined;
  const resource = {
    uuid,
    ...(input.log_type === undefined
      ? { resource_type: input.resource_type ?? undefined }
      : { log_type: input.log_type }),
  };
  const head = {
    manifest: 'mc-ingest/1',
    flow: 'golden',
    collect: COLLECT[family],
    ...(resource.uuid === undefined && Object.values(resource).every((value) => value === undefined)
      ? {}
      : { resource }),
    event_type: input.event_type,
    event_time: input.event_time,
    started_at: '2026-03-01T00:00:00Z',
  };
  const end = { end: true, events: lines.length, complete: true };
  return `${[JSON.stringify(head), ...lines, JSON.stringify(end)].join('\n')}\n`;
}

const seen: { headers: Record<string, string | string[] | undefined>; path: string; body: string }[] = [];
let server: Server;
let place: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  place = await folder({ 'mc-ingest.yaml': 'version: 1\nproject: golden\n' });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ headers: request.headers, path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8') });
      response
        .writeHead(202, { 'content-type': 'application/json' })
        .end('{"invocation_id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await place.remove();
});

async function pushed(text: string, env: Readonly<Record<string, string>> = {}) {
  await writeFile(join(place.path, 'golden.ndjson'), text);
  seen.length = 0;
  const port = (server.address() as AddressInfo).port;
  const keys = {
    MCD_INGEST_ID: 'golden-key-id',
    MCD_INGEST_TOKEN: 'golden-key-token',
    MC_INGEST_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  return cli(['push', 'golden.ndjson', '--format', 'json'], { cwd: place.path, env: { ...keys, ...env } });
}

function cases(file: string): readonly Golden[] {
  return JSON.parse(readFileSync(new URL(`${file}.json`, GOLDEN), 'utf8')) as readonly Golden[];
}

describe('the requests of the vendor’s SDK, from the built command line', () => {
  it('has all the recorded families', () => {
    expect(readdirSync(GOLDEN)).toEqual(expect.arrayContaining(FAMILIES.map((family) => `${family}.json`)));
    expect(FAMILIES.flatMap(cases)).toHaveLength(64);
  });

  for (const family of FAMILIES)
    for (const golden of cases(family))
      it(`${golden.name} is sent body for body`, async () => {
        const raw = golden.request.body_raw;
        const lines =
          raw === undefined ? golden.request.body.events.map((event) => JSON.stringify(event)) : eventTexts(raw);
        const result = await pushed(manifest(family, golden.input, lines));
        expect(result.stderr, result.stderr).toContain('aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee');
        expect(result.code).toBe(0);
        expect(seen).toHaveLength(1);
        const [request] = seen;
        expect(request?.path).toBe(golden.request.path);
        expect(JSON.parse(request?.body ?? '')).toEqual(golden.request.body);
        if (raw !== undefined) expect(numbers(request?.body ?? '')).toEqual(numbers(raw));
        const names = Object.keys(request?.headers ?? {}).sort();
        expect(names).toEqual(Object.keys(golden.request.headers).sort());
      });

  for (const family of ['metadata', 'querylogs'] as const)
    for (const golden of cases(family))
      it(`${golden.name} becomes the same body from what the SDK was given`, async () => {
        const wrap = (event: unknown): unknown => (family === 'metadata' ? { relational_asset: event } : event);
        const raw = golden.request.body_raw;
        const big = raw !== undefined && numbers(raw).some((number) => number.length > 15);
        const lines = big ? eventTexts(raw) : golden.input.events.map((event) => JSON.stringify(wrap(event)));
        const zone = golden.input.process_tz;
        const result = await pushed(manifest(family, golden.input, lines), zone === undefined ? {} : { TZ: zone });
        expect(result.code, result.stderr).toBe(0);
        expect(JSON.parse(seen[0]?.body ?? '')).toEqual(golden.request.body);
      });

  const rejects = JSON.parse(readFileSync(new URL('rejects.json', GOLDEN), 'utf8')) as readonly (Golden & {
    readonly family: keyof typeof COLLECT;
  })[];
  for (const golden of rejects)
    it(`${golden.name} is refused with a code, and nothing is sent`, async () => {
      const wrapper = { metadata: 'relational_asset', 'etl-metadata': 'etl_asset' }[golden.family as string];
      const wrap = (event: unknown): unknown => (wrapper === undefined ? event : { [wrapper]: event });
      const times = golden.input.events_repeated ?? 1;
      const events = Array.from({ length: times }, () => golden.input.events).flat();
      const lines = events.map((event) => JSON.stringify(wrap(event)).replaceAll('{"$float":"nan"}', 'NaN'));
      const result = await pushed(manifest(golden.family, golden.input, lines));
      expect(result.code).toBe(65);
      const document = JSON.parse(result.stdout) as { readonly problems: readonly { readonly code: string }[] };
      expect(document.problems[0]?.code).toMatch(/^MCI7\d\d$/);
      expect(seen).toHaveLength(0);
    });
});
