import { StringDecoder } from 'node:string_decoder';
import { chunksOf, linesOf, type OpenFile, openPlain, unchanged } from '../../manifest/lines.ts';
import { frameOf } from '../../manifest/read.ts';
import type { Collect } from '../../model.ts';
import { csvRows } from '../csv.ts';
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

/** Says whether the file stated that it is whole. */
export type OnEnd = (complete: boolean) => void;

async function* texts({ handle, stats }: OpenFile): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of chunksOf(handle, { from: 0, to: stats.size })) yield decoder.write(chunk);
  const rest = decoder.end();
  if (rest !== '') yield rest;
}

async function* ndjson(file: OpenFile, { path }: Reading, onEnd: OnEnd): AsyncGenerator<Found> {
  const frame = await frameOf(file.handle, file.stats.size, path);
  let line = frame.head === null ? 1 : 2;
  let events = 0;
  for await (const lines of linesOf(chunksOf(file.handle, frame)))
    for (const bytes of lines) {
      events += 1;
      yield { text: bytes.toString('utf8'), line: line++ };
    }
  onEnd(frame.end?.complete === true && frame.end.events === events);
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

function sameTable(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  return ['database', 'schema', 'name'].every((key) => left[key] === right[key]);
}

async function* csv(file: OpenFile, { collect }: Reading): AsyncGenerator<Found> {
  let header: string[] | null = null;
  let table: Record<string, unknown> | null = null;
  let at = 1;
  for await (const { cells, line } of csvRows(texts(file))) {
    if (header === null) {
      header = cells.map((cell) => cell.trim());
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
      onEnd(false);
    }
    await unchanged(reading.path, file.stats);
  } finally {
    await file.handle.close();
  }
}
