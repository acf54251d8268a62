import { createHash } from 'node:crypto';
import { McIngestError } from '../../errors.ts';
import { chunksOf, type OpenFile, openPlain, unchanged } from '../../manifest/lines.ts';
import { type End, type Frame, frameOf } from '../../manifest/read.ts';
import type { Collect } from '../../model.ts';
import { csvRows } from '../csv.ts';
import { numberedLines } from '../lines.ts';
import { cellValue, elementLine, lineOf } from './rows.ts';
import { elementsOf } from './split.ts';

export type Format = 'ndjson' | 'json' | 'csv';

/** One event line and where it was written. */
export interface Found {
  readonly text: string;
  readonly line: number;
}

export interface Reading {
  readonly path: string;
  readonly format: Format;
  readonly collect: Collect;
}

/** Takes what the file says of itself at its end; null when it says nothing. */
export type OnEnd = (end: End | null) => void;

async function* texts({ handle, stats }: OpenFile): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const chunk of chunksOf(handle, { from: 0, to: stats.size }))
      yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new SyntaxError('line 1: the file is not UTF-8');
    throw error;
  }
}

function checkFrame(
  { head, end }: Frame,
  found: { readonly events: number; readonly sha256: string },
  { path, collect }: Reading,
): void {
  const lineage = (kind: string): boolean => kind.endsWith('_lineage');
  if (head !== null && head.collect !== collect && !(lineage(head.collect) && lineage(collect)))
    throw new SyntaxError(`line 1: the file holds ${head.collect}, the flow collects ${collect}`);
  if (end === null) return;
  const wrong =
    end.events !== found.events
      ? `holds ${found.events} events, its last line says ${end.events}`
      : end.sha256 !== undefined && end.sha256 !== found.sha256
        ? 'was changed after it was written: the sha256 of its events differs'
        : null;
  if (wrong !== null) throw new McIngestError('MCI703', 'config', `${path} ${wrong}`);
}

async function* ndjson(file: OpenFile, reading: Reading, onEnd: OnEnd): AsyncGenerator<Found> {
  const frame = await frameOf(file.handle, file.stats.size, reading.path);
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(file.handle, frame)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  checkFrame({ ...frame, end: null }, { events: 0, sha256: '' }, reading);
  let events = 0;
  for await (const found of numberedLines(hashed(), frame.head === null ? 1 : 2)) {
    events += 1;
    yield found;
  }
  checkFrame(frame, { events, sha256: hash.digest('hex') }, reading);
  onEnd(frame.end);
}

async function* json(file: OpenFile, { collect }: Reading): AsyncGenerator<Found> {
  for await (const { text, line } of elementsOf(texts(file))) {
    let row = text;
    try {
      row = elementLine(collect, text);
    } catch {
      // The check names the place of what is no JSON.
    }
    yield { text: row, line };
  }
}

function headerOf(cells: readonly string[]): string[] {
  const header = cells.map((cell) => cell.trim());
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw new SyntaxError(`line 1: the header has ${twice} twice`);
  return header;
}

function sameTable(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  return ['database', 'schema', 'name'].every((key) => left[key] === right[key]);
}

async function* csv(file: OpenFile, { collect }: Reading): AsyncGenerator<Found> {
  let header: string[] | null = null;
  let table: Record<string, unknown> | null = null;
  let at = 1;
  for await (const { cells, line } of csvRows(texts(file))) {
    if (header === null) {
      header = headerOf(cells);
      continue;
    }
    if (cells.length !== header.length)
      throw new SyntaxError(`line ${line}: ${cells.length} fields, the header has ${header.length}`);
    const row = Object.fromEntries(header.map((name, index) => [name, cellValue(name, cells[index] ?? '')]));
    if (collect !== 'metadata') {
      yield { text: lineOf(collect, row), line };
      continue;
    }
    const { column_name, column_type, column_description, ...rest } = row;
    const field = { name: column_name, type: column_type, description: column_description };
    const fields = column_name === undefined ? [] : [field];
    if (table !== null && sameTable(table, rest)) (table['fields'] as unknown[]).push(...fields);
    else {
      if (table !== null) yield { text: lineOf(collect, table), line: at };
      table = { ...rest, fields };
      at = line;
    }
  }
  if (table !== null) yield { text: lineOf(collect, table), line: at };
}

/** The events of one file in any of its formats. Throws when the file changed while it was read. */
export async function* eventsOf(reading: Reading, onEnd: OnEnd): AsyncGenerator<Found> {
  const file = await openPlain(reading.path);
  try {
    if (reading.format === 'ndjson') yield* ndjson(file, reading, onEnd);
    else {
      yield* reading.format === 'json' ? json(file, reading) : csv(file, reading);
      onEnd(null);
    }
    await unchanged(reading.path, file.stats);
  } finally {
    await file.handle.close();
  }
}
