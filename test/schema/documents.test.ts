import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Gateway, gateway, type Reply } from '../fakes/gateway.ts';
import { cli, ended, folder, startCli } from '../support/cli.ts';

type Kind = 'problems' | 'plan' | 'run' | 'state' | 'manifest' | 'event';

const SCHEMAS = fileURLToPath(new URL('../../schemas/', import.meta.url));
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<Kind, ReturnType<typeof ajv.compile>>();

function validator(kind: Kind): ReturnType<typeof ajv.compile> {
  const found = compiled.get(kind);
  if (found !== undefined) return found;
  const schema: object = JSON.parse(readFileSync(join(SCHEMAS, `${kind}.schema.json`), 'utf8'));
  const made = ajv.compile(schema);
  compiled.set(kind, made);
  return made;
}

/** What is wrong with a document that the command line printed; empty: nothing. */
function wrong(kind: Kind, text: string): readonly string[] {
  const validate = validator(kind);
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const UUID = '11111111-1111-4111-8111-111111111111';
const CONFIG = `version: 1
project: shop
log_types: { exec: s3 }
resources: { w: { uuid: "${UUID}", resource_type: snowflake } }
sources:
  f: { type: file, resource: w, path: t.ndjson }
  e: { type: exec, resource: w, command: [node, logs.cjs] }
flows:
  tables: { source: f, collect: metadata, every: 1h, full_every: 24h, batch: { events: 1 } }
  queries: { source: e, collect: query_logs, every: 1h }
lineage:
  nodes:
    a: { objectType: model, objectId: a, resourceName: dbt, expireAt: 30d, tags: [x], protect: true }
    b: { objectType: model, objectId: b, resourceName: dbt, expireAt: never }
  edges:
    - { from: a, to: b, expireAt: 30d }
    - { from: b, to: { table: d.s.t0, resource: w }, expireAt: never }
`;
const TABLES = [0, 1, 2].map((index) =>
  JSON.stringify({
    relational_asset: {
      type: 'TABLE',
      metadata: { name: `t${index}`, database: 'd', schema: 's' },
      volume: { row_count: 1 },
    },
  }),
);
const LOGS = `process.stdin.on('data', (line) => {
  const { from, to } = JSON.parse(line);
  console.log(JSON.stringify({ start_time: '2026-11-24T00:00:00Z', end_time: '2026-11-24T00:00:01Z', query_text: 'select 1' }));
  console.log(JSON.stringify({ end: true, events: 1, complete: true, watermark: { from, to } }));
});
`;

let place: Awaited<ReturnType<typeof folder>>;
let gate: Gateway;
let reply: (path: string, text: string) => Reply;
const mutation = (text: string): Reply => {
  const node = { mcon: 'MCON++a++b++model++x' };
  const edge = { source: node, destination: node };
  const data = text.includes('createOrUpdateLineageNode')
    ? { createOrUpdateLineageNode: { node } }
    : { createOrUpdateLineageEdge: { edge }, deleteLineageNode: { objectsDeleted: 1 } };
  return { status: 200, body: JSON.stringify({ data }) };
};

beforeEach(async () => {
  reply = (path, text) => (path.includes('graphql') ? mutation(text) : {});
  gate = await gateway(({ path, text }) => reply(path, text));
  place = await folder({ 'mc-ingest.yaml': CONFIG, 't.ndjson': `${TABLES.join('\n')}\n`, 'logs.cjs': LOGS });
});
afterEach(async () => {
  await gate.close();
  await place.remove();
});

const env = () => ({
  MC_INGEST_ENDPOINT: gate.url,
  MC_INGEST_GRAPHQL_ENDPOINT: `${gate.url}/graphql`,
  MCD_INGEST_ID: 'key-id-1234',
  MCD_INGEST_TOKEN: 'key-token-1234',
  MCD_ID: 'key-id-5678',
  MCD_TOKEN: 'key-token-5678',
});
const run = (...args: string[]) => cli([...args, '--format', 'json'], { cwd: place.path, env: env() });

async function valid(kind: Kind, code: number, ...args: string[]): Promise<string> {
  const { stdout, stderr, code: found } = await run(...args);
  expect(found, `${args.join(' ')}: ${stderr}`).toBe(code);
  expect(wrong(kind, stdout), `${args.join(' ')}: ${stdout}`).toEqual([]);
  return stdout;
}

const historyIsValid = async (): Promise<void> => {
  const { stdout } = await run('state', 'history');
  for (const record of JSON.parse(stdout) as unknown[])
    expect(wrong('run', JSON.stringify(record)), stdout).toEqual([]);
};

it('publishes schemas that a validator can compile', () => {
  const names = readdirSync(SCHEMAS);
  expect(names.length).toBeGreaterThan(6);
  for (const name of names) {
    const fresh = new Ajv2020({ strict: false, validateFormats: false });
    expect(() => fresh.compile(JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'))), name).not.toThrow();
  }
});

it('prints documents as their schemas say while all goes well', async () => {
  await valid('problems', 0, 'validate');
  await valid('plan', 0, 'plan', '--out', 'plan.json');
  expect(wrong('plan', readFileSync(join(place.path, 'plan.json'), 'utf8'))).toEqual([]);
  await valid('state', 0, 'state', 'show');
  await valid('run', 0, 'apply', '--yes');
  await valid('run', 0, 'apply', '--yes'); // nothing to do
  await valid('state', 0, 'state', 'show');
  await valid('plan', 0, 'plan');
  await valid('run', 0, 'collect', 'tables');
  await valid('run', 0, 'state', 'mv', 'node:b', 'node:c');
  await historyIsValid();
});

it('writes manifests as their schema says, with events between', async () => {
  await valid('run', 0, 'collect', 'tables', 'queries', '--out', 'out');
  for (const flow of ['tables', 'queries']) {
    const [name] = readdirSync(join(place.path, 'out', flow));
    const lines = readFileSync(join(place.path, 'out', flow, String(name)), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of [lines[0], lines.at(-1)]) expect(wrong('manifest', String(line)), String(line)).toEqual([]);
    for (const line of lines.slice(1, -1)) expect(wrong('event', line), line).toEqual([]);
    await valid('run', 0, 'push', join('out', flow, String(name)));
  }
});

it('prints documents as their schemas say when the file, the command line or the plan is wrong', async () => {
  await valid('problems', 64, 'plan', '--no-such-flag');
  await valid('problems', 65, 'push', 'absent.ndjson');
  await valid('problems', 7, 'apply', 'absent.json');
  await valid('problems', 64, 'apply');
  await valid('run', 0, 'apply', '--yes');
  await writeFile(join(place.path, 'mc-ingest.yaml'), CONFIG.slice(0, CONFIG.indexOf('lineage:')));
  await valid('plan', 7, 'plan');
  await valid('problems', 7, 'apply', '--yes');
  await writeFile(join(place.path, 'mc-ingest.yaml'), `${CONFIG}nonsense: 1\n`);
  await valid('problems', 65, 'validate');
  await valid('problems', 65, 'plan');
});

it('prints a run as its schema says when parts are refused, in doubt or not reached', async () => {
  reply = (path, text) => {
    if (text.includes('"t1"')) return { status: 400, body: 'no' };
    if (path.includes('graphql')) return { status: 200, body: '{"errors":[{"message":"no"}]}' };
    return path.includes('querylogs') ? { drop: 'after' } : {};
  };
  const stdout = await valid('run', 9, 'apply', '--yes');
  const { changes } = JSON.parse(stdout) as { changes: { status: string }[] };
  expect(new Set(changes.map(({ status }) => status))).toEqual(new Set(['failed', 'unknown', 'skipped']));
  await valid('plan', 0, 'plan');
  await valid('state', 0, 'state', 'show');
  await historyIsValid();
});

it('prints and keeps a run as its schema says when it was interrupted or killed', async () => {
  reply = () => ({ hang: true });
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGKILL', null] as const]) {
    gate.seen.length = 0;
    const child = startCli(['apply', '--yes', '--format', 'json'], { cwd: place.path, env: env() });
    child.stdin?.end();
    const end = ended(child);
    await expect.poll(() => gate.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
    child.kill(signal);
    const ran = await end;
    expect(ran.code).toBe(code);
    if (code !== null) expect(wrong('run', ran.stdout), ran.stdout).toEqual([]);
  }
  await historyIsValid();
  await valid('plan', 0, 'plan');
});
