import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Collect } from '../../src/model.ts';
import type { Option } from '../../src/secret.ts';
import { execSource } from '../../src/sources/exec/index.ts';
import { fileSource } from '../../src/sources/file/index.ts';
import type { Source } from '../../src/sources/source.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'file-source-'));
});
afterAll(() => rm(dir, { recursive: true }));

const notes: string[] = [];

async function rows(
  source: Source,
  options: Record<string, Option>,
  collect: Collect,
  signal = new AbortController().signal,
) {
  const note = (line: string): void => void notes.push(line);
  const world = { dir, env: { PATH: process.env['PATH'], MCD_TOKEN: 'secret' }, now: () => 0, note };
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

const END = (events: number, more = {}) => JSON.stringify({ end: true, events, complete: true, ...more });
const file = (name: string, text: string | Buffer) => writeFile(join(dir, name), text);
const problemsOf = (name: string, collect: Collect = 'query_logs') =>
  rows(fileSource, { path: name }, collect).then(
    () => [],
    (error: { problems?: readonly { line: number; message: string }[]; message: string }) =>
      error.problems?.map(({ line, message }) => `${line}: ${message}`) ?? [error.message],
  );

it('is complete, with its window, when the end line says so', async () => {
  const watermark = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
  await file('w.ndjson', `${LINE}\r\n\r\n${LINE}\n${END(2, { watermark })}\n`);
  const { events, end } = await rows(fileSource, { path: 'w.ndjson' }, 'query_logs');
  expect(events).toEqual([LINE, LINE]);
  expect(end).toEqual({ complete: true, missing: [], watermark });
  await file('partial.ndjson', `${LINE}\n${END(1, { complete: false })}\n`);
  const partial = await rows(fileSource, { paths: ['partial.ndjson', 'w.ndjson'] }, 'query_logs');
  expect(partial.end).toMatchObject({
    complete: false,
    missing: [expect.stringContaining('says that it is not complete')],
  });
  expect(partial.end.watermark).toBeUndefined();
});

it('refuses a file whose end line does not fit its events', async () => {
  await file('short.ndjson', `${LINE}\n${END(2)}\n`);
  expect(await problemsOf('short.ndjson')).toEqual([expect.stringContaining('holds 1 events, its last line says 2')]);
  const sha256 = createHash('sha256').update('other\n').digest('hex');
  await file('edited.ndjson', `${LINE}\n${END(1, { sha256 })}\n`);
  expect(await problemsOf('edited.ndjson')).toEqual([expect.stringContaining('was changed after it was written')]);
});

it('refuses the manifest of another kind of data', async () => {
  await file(
    'm.ndjson',
    `${JSON.stringify({ manifest: 'mc-ingest/1', flow: 'f', collect: 'metadata', started_at: 'x' })}\n${LINE}\n`,
  );
  expect(await problemsOf('m.ndjson')).toEqual(['1: line 1: the file holds metadata, the flow collects query_logs']);
});

it('names the line of what is wrong, blank lines counted', async () => {
  await file('blank.ndjson', `\n\n${LINE}\n\nnope\n`);
  expect(await problemsOf('blank.ndjson')).toEqual([expect.stringMatching(/^5: not JSON/)]);
});

it('refuses bytes that are not UTF-8 instead of sending question marks', async () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  await file('latin.ndjson', latin(`${LINE}\n${LINE.replace('"q"', '"\u00e9"')}\n`));
  expect(await problemsOf('latin.ndjson')).toEqual(['2: line 2: not UTF-8']);
  await file('latin.csv', latin('start_time,end_time,query_text\na,b,\u00e9\n'));
  expect(await problemsOf('latin.csv')).toEqual([expect.stringContaining('not UTF-8')]);
});

it.each([
  ['an empty file', '', /empty/],
  ['two arrays', `[${LINE}][${LINE}]`, /nothing behind the JSON array/],
  ['an item left out', `[${LINE},,${LINE}]`, /item of the JSON array is empty/],
  ['a comma at the end', `[${LINE},]`, /item of the JSON array is empty/],
  ['an object', LINE, /expected a JSON array/],
  ['an array that is cut off', `[${LINE}`, /cut off/],
  ['a line break in a string', `[${LINE.replace('"q"', '"a\nb"')}]`, /not JSON/],
])('refuses JSON with %s', async (_fault, text, message) => {
  await file('bad.json', text);
  expect(await problemsOf('bad.json')).toEqual([expect.stringMatching(message)]);
});

it('passes over a byte order mark in JSON and CSV', async () => {
  await file('bom.json', `\ufeff[${LINE}]`);
  expect((await rows(fileSource, { path: 'bom.json' }, 'query_logs')).events).toEqual([LINE]);
  await file(
    'bom.csv',
    '\ufeffstart_time,end_time,query_text\r\n\r\n2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,"q"\r\n',
  );
  expect((await rows(fileSource, { path: 'bom.csv' }, 'query_logs')).events).toEqual([LINE]);
});

it.each([
  ['a header with a name twice', 'a,b,a\n', /the header has a twice/],
  ['a row that is too short', 'start_time,end_time,query_text\n\nx,y\n', /^3: line 3: 2 fields, the header has 3/],
  ['a quote that is not closed', 'a\n"x\n', /not closed/],
  ['text behind a quote', 'a\n"x"y\n', /behind the closing quote/],
])('refuses CSV with %s', async (_fault, text, message) => {
  await file('bad.csv', text);
  expect(await problemsOf('bad.csv')).toEqual([expect.stringMatching(message)]);
});

it('keeps a carriage return that stands in quotes', async () => {
  await file('cr.csv', 'start_time,end_time,query_text\n2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,"q\r"\n');
  const { events } = await rows(fileSource, { path: 'cr.csv' }, 'query_logs');
  expect(JSON.parse(String(events[0]))).toMatchObject({ query_text: 'q\r' });
});

it('is an error when the file grows while it is read', async () => {
  await file('grows.ndjson', `${LINE}\n`.repeat(50));
  const { signal } = new AbortController();
  const world = { dir, env: {}, now: () => 0, note: () => undefined };
  const session = await fileSource.open({ name: 's', options: { path: 'grows.ndjson' }, world, signal });
  const reading = (async () => {
    for await (const _ of session.collect({ collect: 'query_logs', mode: 'full', options: {}, signal }).rows)
      await appendFile(join(dir, 'grows.ndjson'), `${LINE}\n`);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'MCI705' });
});

it('finds files by globs, linked ones too, in order and once', async () => {
  await mkdir(join(dir, 'globs/deep'), { recursive: true });
  for (const name of ['b.ndjson', 'a.ndjson', 'deep/c.ndjson', 'x.txt'])
    await file(`globs/${name}`, `${LINE.replace('"q"', `"${name}"`)}\n`);
  await symlink('x.txt', join(dir, 'globs/link.ndjson'));
  const texts = async (...paths: string[]) =>
    (await rows(fileSource, { paths }, 'query_logs')).events.map(
      (text) => (JSON.parse(String(text)) as { query_text: string }).query_text,
    );
  expect(await texts('globs/*.ndjson')).toEqual(['a.ndjson', 'b.ndjson', 'x.txt']);
  expect(await texts('globs/**/*.ndjson', 'globs/?.ndjson')).toEqual([
    'a.ndjson',
    'b.ndjson',
    'deep/c.ndjson',
    'x.txt',
  ]);
  await expect(texts('globs/*.none')).rejects.toMatchObject({ code: 'MCI601' });
});

it('tells the program what is asked, in one line, and shows what it says without its secrets', async () => {
  notes.length = 0;
  const body = `let text = ''; process.stdin.on('data', (d) => { text += d; }).on('end', () => {
    console.error('asked ' + text.trim() + ' ' + process.env.WIKI_TOKEN); console.log('{"end":true,"events":0,"complete":true,"watermark":{"to":"2026-01-01T00:00:00Z"}}'); })`;
  const options = { ...program(body), include: ['a.b.*'], env: { WIKI_TOKEN: 'abcdefgh-token' } };
  const { end } = await rows(execSource, options, 'table_lineage');
  expect(end).toEqual({ complete: true, missing: [], watermark: { to: '2026-01-01T00:00:00Z' } });
  expect(notes).toEqual(['s: asked {"collect":"table_lineage","include":["a.b.*"],"exclude":[],"mode":"full"} ***']);
});

it.each([
  ['a count that does not fit', `console.log(${JSON.stringify(END(3))})`, /wrote 0 events, its end line says 3/],
  [
    'events behind its end line',
    `console.log(${JSON.stringify(END(1))}); console.log(${JSON.stringify(LINE)})`,
    /behind its end line/,
  ],
  [
    'a watermark that is none',
    `console.log('{"end":true,"events":0,"complete":true,"watermark":{"to":5e99}}')`,
    /watermark/,
  ],
  ['bytes that are no text', `process.stdout.write(Buffer.from([255, 10]))`, /no text/],
])('refuses a program with %s', async (_fault, body, message) => {
  const failing = rows(execSource, program(body), 'query_logs');
  await expect(failing).rejects.toMatchObject({ code: 'MCI604', message: expect.stringMatching(message) });
});

it('says when a program cannot be started', async () => {
  const failing = rows(execSource, { command: ['no-such-program-here'] }, 'query_logs');
  await expect(failing).rejects.toMatchObject({ code: 'MCI604', message: expect.stringContaining('ENOENT') });
});

it('ends a program and what holds its streams when it is interrupted', async () => {
  const stop = new AbortController();
  const started = Date.now();
  const waiting = rows(
    execSource,
    { command: ['sh', '-c', 'echo $$ >&2; sleep 20 & sleep 20; echo late'] },
    'query_logs',
    stop.signal,
  );
  setTimeout(() => stop.abort('SIGINT'), 300);
  await expect(waiting).rejects.toMatchObject({ code: 'MCI002', exit: 'interrupted' });
  expect(Date.now() - started).toBeLessThan(5_000);
});
