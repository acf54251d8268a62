import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Gateway, gateway, INVOCATION, type Reply, type Seen } from '../fakes/gateway.ts';
import { cli, ended, folder, startCli } from '../support/cli.ts';

const UUID = '11111111-1111-4111-8111-111111111111';
const HOUR = 3_600_000;

type Place = Awaited<ReturnType<typeof folder>>;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function world(
  files: Readonly<Record<string, string>>,
  script: (request: Seen, index: number) => Reply = () => ({}),
): Promise<{
  place: Place;
  gate: Gateway;
  env: Record<string, string>;
  run: (...args: string[]) => ReturnType<typeof cli>;
}> {
  const place = await folder(files);
  const gate = await gateway(script);
  open.push(gate.close, place.remove);
  const env = {
    MC_INGEST_ENDPOINT: gate.url,
    MC_INGEST_GRAPHQL_ENDPOINT: `${gate.url}/graphql`,
    MCD_INGEST_ID: 'key-id-1234',
    MCD_INGEST_TOKEN: 'key-token-1234',
  };
  return { place, gate, env, run: (...args) => cli(args, { cwd: place.path, env }) };
}

const apply = ['apply', '--yes', '--format', 'json'] as const;
const at = (ms: number): readonly string[] => ['--now', new Date(ms).toISOString()];
const table = (name: string, rows: number, more: object = {}): string =>
  JSON.stringify({
    relational_asset: {
      type: 'TABLE',
      metadata: { name, database: 'd', schema: 's' },
      ...more,
      volume: { row_count: rows },
    },
  });
const ending = (lines: readonly string[]): string =>
  `${[...lines, JSON.stringify({ end: true, events: lines.length, complete: true })].join('\n')}\n`;
const sentTables = (gate: Gateway): readonly string[] => gate.seen.map(({ text }) => text);

const head = 'version: 1\nproject: p\nlog_types: { exec: s3 }\n';
const resource = `resources: { w: { uuid: "${UUID}", resource_type: snowflake } }\n`;
const METADATA = `${head}${resource}sources: { f: { type: file, resource: w, path: t.ndjson } }
flows: { m: { source: f, collect: metadata, every: 1h } }
`;

/** Answers with ten query logs, notes every request in `asked.log`. */
const LOGS = `process.stdin.on('data', (line) => {
  const { from, to } = JSON.parse(line);
  require('node:fs').appendFileSync('asked.log', line);
  for (let i = 0; i < 10; i += 1)
    console.log(JSON.stringify({ start_time: '2026-11-24T00:00:00Z', end_time: '2026-11-24T00:00:01Z', query_text: 'select ' + i, query_id: 'q' + i }));
  console.log(JSON.stringify({ end: true, events: 10, complete: true, watermark: { from, to } }));
});
`;
const QUERIES = `${head}${resource}sources: { e: { type: exec, resource: w, command: [node, logs.cjs] } }
flows: { q: { source: e, collect: query_logs, every: 1h, batch: { events: 1 } } }
`;
const asked = async ({ path }: Place): Promise<readonly { from?: string; to: string }[]> =>
  (await readFile(join(path, 'asked.log'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { to: string });
const queries = (gate: Gateway): readonly string[] => gate.seen.flatMap(({ text }) => text.match(/"q\d"/g) ?? []);

describe('what is left of a push', () => {
  it('holds nothing up when an event is over the limit: the next push is of what is there then', async () => {
    const fields = Array.from({ length: 20_000 }, (_, i) => ({
      name: `column_number_${i}`,
      type: 'character varying(1000)',
    }));
    const { place, gate, run } = await world({
      'mc-ingest.yaml': METADATA,
      't.ndjson': ending([table('a', 1), table('huge', 1, { fields }), table('b', 1)]),
    });
    const first = await run(...apply);
    expect(first.code, first.stderr).toBe(3);
    expect(first.stderr).toContain('d.s.huge');
    await writeFile(join(place.path, 't.ndjson'), ending([table('a', 77)]));
    const second = await run(...apply, ...at(Date.now() + HOUR));
    expect(second.code, second.stderr).toBe(0);
    expect(sentTables(gate).at(-1)).toContain('77');
  });

  it('collects anew after a refusal, as the source may have been mended', async () => {
    let bad = true;
    const { place, gate, run } = await world({ 'mc-ingest.yaml': METADATA, 't.ndjson': ending([table('a', 1)]) }, () =>
      bad ? { status: 400, body: '{"error":"no"}' } : {},
    );
    expect((await run(...apply)).code).toBe(1);
    bad = false;
    await writeFile(join(place.path, 't.ndjson'), ending([table('a', 77)]));
    expect((await run(...apply)).code).toBe(0);
    expect(sentTables(gate).at(-1)).toContain('77');
  });

  it('sends refused query logs once more, nothing else of their window, and then goes on', async () => {
    const { place, gate, run } = await world({ 'mc-ingest.yaml': QUERIES, 'logs.cjs': LOGS }, ({ text }) =>
      text.includes('"q4"') ? { status: 400, body: 'no' } : {},
    );
    expect((await run(...apply)).code).toBe(3);
    gate.seen.length = 0;
    const again = await run(...apply);
    expect(again.code, again.stderr).toBe(1);
    expect(queries(gate)).toEqual(['"q4"']);
    await run(...apply, ...at(Date.now() + HOUR));
    const [first, second] = await asked(place);
    expect(second?.from).toBe(first?.to);
  });

  it('moves the watermark when the rest of a killed push is sent', async () => {
    let dying = true;
    const { place, gate, env, run } = await world({ 'mc-ingest.yaml': QUERIES, 'logs.cjs': LOGS }, (_, index) =>
      dying && index >= 3 ? { hang: true } : {},
    );
    const child = startCli(apply, { cwd: place.path, env });
    child.stdin?.end();
    const dead = ended(child);
    await expect.poll(() => gate.seen.length, { timeout: 10_000 }).toBeGreaterThan(4);
    child.kill('SIGKILL');
    await dead;
    const accepted = queries(gate).slice(0, 3);
    dying = false;
    gate.seen.length = 0;
    expect((await run(...apply)).code).toBe(0);
    expect(queries(gate)).not.toEqual(expect.arrayContaining(accepted.slice(0, 1)));
    await run(...apply, ...at(Date.now() + HOUR));
    const [first, second] = await asked(place);
    expect(second?.from).toBe(first?.to);
  });
});

describe('when a flow is pushed again', () => {
  const SIBLINGS = `${head}${resource}sources:
  f: { type: file, resource: w, path: t.ndjson }
  e: { type: exec, resource: w, command: [node, x.cjs], include: ["other.*.*"] }
flows:
  m: { source: f, collect: metadata, every: 1h }
  n: { source: e, collect: metadata, every: 1h }
`;

  it('tries a flow whose collect failed again at once, whatever else was pushed to its resource', async () => {
    const { place, gate, run } = await world({
      'mc-ingest.yaml': SIBLINGS,
      't.ndjson': ending([table('a', 1)]),
      'x.cjs': 'process.exit(3)',
    });
    expect((await run(...apply)).code).toBe(3);
    await writeFile(join(place.path, 'x.cjs'), `process.stdout.write(${JSON.stringify(ending([table('zz', 1)]))})`);
    gate.seen.length = 0;
    const again = await run(...apply);
    expect(again.code, again.stderr).toBe(0);
    expect(sentTables(gate)).toEqual([expect.stringContaining('zz')]);
    const idle = await run('plan', '--detailed-exitcode');
    expect(idle.code, idle.stdout).toBe(0);
  });

  it('keeps to the hours of the job, however long a run takes before a flow has its turn', async () => {
    const program = `process.stdin.on('data', (line) => {
  const ref = (name) => ({ type: 'TABLE', name, database: 'd', schema: 's' });
  const lineage = JSON.stringify({ destination: ref('b'), sources: [ref('a')] });
  console.log(JSON.parse(line).collect === 'metadata' ? ${JSON.stringify(table('a', 1))} : lineage);
  console.log(JSON.stringify({ end: true, events: 1, complete: true }));
});
`;
    const config = `${head}${resource}sources: { e: { type: exec, resource: w, command: [node, x.cjs] } }
flows:
  m: { source: e, collect: metadata, every: 1h }
  l: { source: e, collect: table_lineage, every: 1h }
`;
    const { run } = await world({ 'mc-ingest.yaml': config, 'x.cjs': program }, () => ({ delayMs: 1_500 }));
    const noon = Date.parse('2026-11-24T12:00:00Z');
    const first = await run(...apply, ...at(noon));
    expect(first.code, first.stderr).toBe(0);
    const shown = JSON.parse((await run('state', 'show', 'flow:l', '--format', 'json')).stdout) as {
      push: { last_pushed_at: string };
    };
    expect(Date.parse(shown.push.last_pushed_at) - noon).toBeLessThan(1_000);
  });

  it('asks no more with a key that was refused', async () => {
    const names = Array.from({ length: 12 }, (_, index) => index);
    const uuid = (index: number): string => `${UUID.slice(0, -2)}${index + 10}`;
    const config = `${head}resources:
${names.map((i) => `  w${i}: { uuid: "${uuid(i)}", resource_type: snowflake }`).join('\n')}
sources:
${names.map((i) => `  s${i}: { type: file, resource: w${i}, path: t.ndjson }`).join('\n')}
flows:
${names.map((i) => `  f${i}: { source: s${i}, collect: metadata, every: 1h }`).join('\n')}
`;
    const { gate, run } = await world({ 'mc-ingest.yaml': config, 't.ndjson': ending([table('a', 1)]) }, () => ({
      status: 401,
    }));
    const refused = await run(...apply);
    expect(refused.code).toBe(4);
    expect(gate.seen.length).toBeLessThanOrEqual(4);
    expect(refused.stdout).toContain('the key was refused');
  });
});

describe('the guards of a push', () => {
  const many = (rows: number, day: string): string =>
    ending(
      Array.from({ length: 12 }, (_, index) =>
        table(`t${index}`, rows, { freshness: { last_update_time: `2026-11-${day}T00:00:00Z` } }),
      ),
    );

  it('look at what another program wrote, too: counts that collapse, freshness that goes backwards', async () => {
    const { gate, place, run } = await world({ 'mc-ingest.yaml': METADATA, 't.ndjson': many(5, '20') });
    expect((await run(...apply)).code).toBe(0);
    gate.seen.length = 0;
    await writeFile(join(place.path, 't.ndjson'), many(0, '20'));
    const collapsed = await run(...apply, ...at(Date.now() + HOUR));
    expect(collapsed.code, collapsed.stdout).toBe(7);
    expect(collapsed.stdout).toContain('12 of 12 tables');
    await writeFile(join(place.path, 't.ndjson'), many(5, '10'));
    const backwards = await run(...apply, ...at(Date.now() + HOUR));
    expect(backwards.code, backwards.stdout).toBe(7);
    expect(backwards.stdout).toContain('2026-11-10');
    expect(gate.seen).toHaveLength(0);
    const allowed = await run(...apply, ...at(Date.now() + HOUR), '--allow', 'freshness-backwards');
    expect(allowed.code, allowed.stderr).toBe(0);
  });
});

describe('collect', () => {
  it('asks for the query logs since the last push, as apply does', async () => {
    const { place, run } = await world({ 'mc-ingest.yaml': QUERIES, 'logs.cjs': LOGS });
    expect((await run(...apply)).code).toBe(0);
    expect((await run('collect', 'q')).code).toBe(0);
    const [first, second] = await asked(place);
    expect(second?.from).toBe(first?.to);
  });
});

describe('an hour without queries', () => {
  it('is pushed as well as any other by collect and push: there is nothing to send', async () => {
    const none = LOGS.replace('i < 10', 'i < 0').replace('events: 10', 'events: 0');
    const { gate, place, run } = await world({ 'mc-ingest.yaml': QUERIES, 'logs.cjs': none });
    expect((await run('collect', 'q')).code).toBe(0);
    const folderOf = join(place.path, '.mc-ingest/manifests/q');
    const [name] = await readdir(folderOf);
    const pushed = await run('push', join(folderOf, String(name)));
    expect(pushed.code, pushed.stderr).toBe(0);
    expect(gate.seen).toHaveLength(0);
    await run(...apply, ...at(Date.now() + HOUR));
    const [first, second] = await asked(place);
    expect(second?.from).toBe(first?.to);
  });
});

describe('a run whose log nobody reads any more', () => {
  it('goes on to its end when the reader of stderr is gone', async () => {
    const { place, gate, env, run } = await world({ 'mc-ingest.yaml': METADATA, 't.ndjson': ending([table('a', 1)]) });
    const child = startCli(['apply', '--yes'], { cwd: place.path, env });
    child.stderr?.destroy();
    child.stdout?.destroy();
    child.stdin?.end();
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(0);
    expect(gate.seen).toHaveLength(1);
    expect((await run('state', 'history', '--format', 'json')).stdout).toContain(INVOCATION);
  });
});

it('writes plain ASCII where the terminal is not UTF-8', async () => {
  const { place, env } = await world({ 'mc-ingest.yaml': METADATA, 't.ndjson': ending([table('a', 1)]) });
  const { code, stdout, stderr } = await cli(['apply', '--yes'], { cwd: place.path, env: { ...env, LANG: 'C' } });
  expect(code, stderr).toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/^[\t\n -~]*$/);
});
