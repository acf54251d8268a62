import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExact, printExact } from '../../src/manifest/exact-json.ts';
import { cli, folder } from '../support/cli.ts';
import { type Case, casesOf, type Family } from './pycarlo/cases.ts';

/**
 * The same pushes, made by the vendor's SDK and by the built command line: what is sent must be equal (parsed, integers
 * digit for digit, header names), and what the SDK refuses we refuse. PEERS_CASES and PEERS_SEED change how many and which.
 */
const PYCARLO = 'pycarlo==0.15.500';
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/peers/pycarlo-0.15.500/', import.meta.url));
const PYTHON = join(CACHE, 'bin', 'python');
const RECORD = fileURLToPath(new URL('pycarlo/record.py', import.meta.url));
const SIZE = Number(process.env['PEERS_CASES'] ?? 500);
const SEED = Number(process.env['PEERS_SEED'] ?? 20_260_301);
const COLLECT = {
  metadata: 'metadata',
  lineage: 'table_lineage',
  querylogs: 'query_logs',
  'etl-metadata': 'etl',
  'etl-runs': 'etl_runs',
  'bi-metadata': 'bi',
} as const satisfies Record<Family, string>;
const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Europe/Dublin', 'Australia/Lord_Howe'];
const A_PUSH = 125;

interface Sent {
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string;
}
type Recorded = { readonly request: Sent } | { readonly error: { readonly type: string; readonly message: string } };

const run = promisify(execFile);

/** The SDK in a virtual environment of its own, made once. */
async function install(): Promise<void> {
  if (existsSync(join(CACHE, 'ready'))) return;
  try {
    await run('python3', ['-m', 'venv', CACHE]);
  } catch (cause) {
    throw new Error('test:peers needs python3 (3.9 or newer) with its venv module on the PATH', { cause });
  }
  try {
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PYCARLO]);
  } catch (cause) {
    throw new Error(`${PYCARLO} cannot be installed: test:peers needs a Python package index`, { cause });
  }
  await writeFile(join(CACHE, 'ready'), PYCARLO);
}

async function recorded(cases: readonly Case[], zone: string): Promise<readonly Recorded[]> {
  const child = spawn(PYTHON, [RECORD], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = cases.map(({ family, input }) => printExact({ family, input: { ...input, process_tz: zone } }));
  child.stdin.end(`${lines.join('\n')}\n`);
  const results: Recorded[] = [];
  for await (const line of createInterface({ input: child.stdout })) results.push(JSON.parse(line) as Recorded);
  return results;
}

/** A neutral input as a manifest. */
function manifest({ family, input }: Case, flow: string): string {
  const { resource_uuid: uuid, resource_type, log_type, event_type, event_time, events, events_repeated } = input;
  const wrapper = { metadata: 'relational_asset', 'etl-metadata': 'etl_asset' }[family as string];
  const once = events.map((event) => printExact(wrapper === undefined ? event : { [wrapper]: event }));
  const lines = Array.from({ length: Number(events_repeated ?? 1) }, () => once).flat();
  const resource = family === 'querylogs' ? { uuid, log_type } : { uuid, resource_type };
  const head = { manifest: 'mc-ingest/1', flow, collect: COLLECT[family], resource, event_type, event_time };
  return [JSON.stringify(head), ...lines, `{"end":true,"events":${lines.length},"complete":true}`, ''].join('\n');
}

/** A text parsed for comparison: integers keep their digits, other numbers are what they mean. */
function comparable(text: string): unknown {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value === 'object' && value !== null && 'text' in value && value.constructor !== Object)
      return /^-?\d+$/.test(String(value.text)) ? `int ${value.text}` : `float ${Number(value.text)}`;
    if (typeof value === 'number') return Number.isSafeInteger(value) ? `int ${value}` : `float ${value}`;
    if (typeof value !== 'object' || value === null) return value;
    return new Map(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => [name, plain(member)]),
    );
  };
  return plain(parseExact(text));
}

const seen: Sent[] = [];
let server: Server;
let place: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  await mkdir(CACHE, { recursive: true });
  await install();
  place = await folder({ 'mc-ingest.yaml': 'version: 1\nproject: peers\n' });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      seen.push({ path: request.url ?? '', headers: Object.keys(request.headers).sort(), body });
      response.writeHead(202).end('{"invocation_id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server?.closeAllConnections();
  if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  await place?.remove();
});

/** Pushes many cases with one command. Its exit code, and the error of each file that was refused. */
async function pushed(cases: readonly Case[], zone: string) {
  seen.length = 0;
  const files = cases.map((_, at) => `case-${at}.ndjson`);
  await Promise.all(
    cases.map((one, at) => writeFile(join(place.path, `case-${at}.ndjson`), manifest(one, `case_${at}`))),
  );
  const env = {
    TZ: zone,
    MCD_INGEST_ID: 'peer-key-id',
    MCD_INGEST_TOKEN: 'peer-key-token',
    MC_INGEST_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const { code, stdout, stderr } = await cli(['push', ...files, '--format', 'json'], { cwd: place.path, env });
  const { problems = [] } = JSON.parse(stdout === '' ? '{}' : stdout) as {
    readonly problems?: readonly { readonly file: string; readonly severity: string; readonly message: string }[];
  };
  const refused = new Map(
    problems.filter(({ severity }) => severity === 'error').map(({ file, message }) => [file, message]),
  );
  return { code, stderr, refused: files.map((file) => refused.get(file)) };
}

async function compare(all: readonly Case[], zone: string): Promise<{ taken: number; refused: number }> {
  const theirs = await recorded(all, zone);
  expect(theirs).toHaveLength(all.length);
  const pairs = all.map((one, at) => ({ one, their: theirs[at] as Recorded }));
  const taken = pairs.filter(({ their }) => 'request' in their);
  const refused = pairs.filter(({ their }) => 'error' in their);
  if (refused.length > 0) {
    const ours = await pushed(
      refused.map(({ one }) => one),
      zone,
    );
    expect(ours.code, ours.stderr).toBe(65);
    refused.forEach(({ one, their }, at) => {
      expect(ours.refused[at], `${printExact(their)}\n${printExact(one.input)}`).toBeDefined();
    });
    expect(seen).toHaveLength(0);
  }
  if (taken.length > 0) {
    const ours = await pushed(
      taken.map(({ one }) => one),
      zone,
    );
    taken.forEach(({ one }, at) => {
      expect(ours.refused[at], printExact(one.input)).toBeUndefined();
    });
    expect(ours.code, ours.stderr.slice(0, 2000)).toBe(0);
    expect(seen).toHaveLength(taken.length);
    taken.forEach(({ one, their }, at) => {
      const expected = (their as { request: Sent }).request;
      const { path, headers, body } = seen[at] as Sent;
      expect({ path, headers }).toEqual({ path: expected.path, headers: expected.headers });
      expect(comparable(body), printExact(one.input)).toEqual(comparable(expected.body));
    });
  }
  return { taken: taken.length, refused: refused.length };
}

describe('pushes, next to the vendor’s SDK', () => {
  for (const family of Object.keys(COLLECT) as Family[])
    it(`${SIZE} generated pushes of ${family} are sent, or refused, alike`, async () => {
      const all = casesOf(family, { seed: SEED, size: SIZE });
      const sum = { taken: 0, refused: 0 };
      for (let at = 0; at < all.length; at += A_PUSH) {
        const zone = ZONES[(at / A_PUSH) % ZONES.length] ?? 'UTC';
        const { taken, refused } = await compare(all.slice(at, at + A_PUSH), zone);
        sum.taken += taken;
        sum.refused += refused;
      }
      expect(sum.taken).toBeGreaterThan(SIZE / 2);
      if (SIZE >= 500) expect(sum.refused).toBeGreaterThan(0);
    });
});
