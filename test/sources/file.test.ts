import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Collect } from '../../src/model.ts';
import { execSource } from '../../src/sources/exec/index.ts';
import { fileSource } from '../../src/sources/file/index.ts';
import type { Source } from '../../src/sources/source.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'file-source-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function rows(source: Source, options: Record<string, string | string[]>, collect: Collect) {
  const world = { dir, env: { PATH: process.env['PATH'], MCD_TOKEN: 'secret' }, now: () => 0, note: () => undefined };
  const { signal } = new AbortController();
  const session = await source.open({ name: 's', options, world, signal });
  const collection = session.collect({ collect, mode: 'full', options: {}, signal });
  const events: unknown[] = [];
  for await (const noun of collection.rows) if (noun.noun === 'raw') events.push(noun.text);
  return { events, end: collection.end() };
}

it('reads tables and their columns from CSV with quotes, line breaks and large counts', async () => {
  const text = `database,schema,name,type,description,row_count,column_name,column_type\r\nd,s,t,TABLE,"a ""b"",\nc",9007199254740993,id,int\r\nd,s,t,TABLE,,,n,text\r\n`;
  await writeFile(join(dir, 'a.csv'), text);
  const { events, end } = await rows(fileSource, { paths: ['*.csv'] }, 'metadata');
  expect(events).toEqual([
    String.raw`{"relational_asset":{"type":"TABLE","metadata":{"name":"t","database":"d","schema":"s","description":"a \"b\",\nc"},"fields":[{"name":"id","type":"int"},{"name":"n","type":"text"}],"volume":{"row_count":9007199254740993}}}`,
  ]);
  expect(end.complete).toBe(false);
});

it('reads query logs from a JSON array and puts other members into extra', async () => {
  const log = {
    start_time: '2026-01-01T00:30:00+02:00',
    end_time: '2026-01-01T01:00:00Z',
    query_text: 'x[]{}"',
    wh: 1,
  };
  await writeFile(join(dir, 'q.json'), JSON.stringify([log, log], null, 2));
  const { events } = await rows(fileSource, { path: 'q.json' }, 'query_logs');
  expect(events).toHaveLength(2);
  expect(JSON.parse(String(events[1]))).toEqual({
    start_time: '2025-12-31T22:30:00Z',
    end_time: '2026-01-01T01:00:00Z',
    query_text: 'x[]{}"',
    extra: { wh: 1 },
  });
});

it('reports every bad line and fails', async () => {
  await writeFile(join(dir, 'bad.ndjson'), '{"a":1}\nnope\n');
  await expect(rows(fileSource, { path: 'bad.ndjson' }, 'query_logs')).rejects.toMatchObject({ exit: 'config' });
});

const program = (body: string) => ({ command: [process.execPath, '-e', body] });
const LINE = '{"start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:00Z","query_text":"q"}';

it('takes what a program writes when it ends properly, and never hands it the keys', async () => {
  const body = `if (process.env.MCD_TOKEN) process.exit(3); console.log(${JSON.stringify(LINE)}); console.log('{"end":true,"events":1,"complete":true}')`;
  const { events, end } = await rows(execSource, program(body), 'query_logs');
  expect(events).toEqual([LINE]);
  expect(end.complete).toBe(true);
});

for (const [fault, tail] of [
  ['no end line', ''],
  ['status 1', `console.log('{"end":true,"events":1,"complete":true}'); process.exitCode = 1`],
] as const)
  it(`refuses what a program wrote with ${fault}`, async () => {
    const body = `console.log(${JSON.stringify(LINE)}); ${tail}`;
    await expect(rows(execSource, program(body), 'query_logs')).rejects.toMatchObject({ code: 'MCI604' });
  });
