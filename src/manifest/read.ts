import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { McIngestError } from '../errors.ts';
import { COLLECTS } from '../model.ts';
import { chunksOf, linesOf, openPlain, unchanged } from './lines.ts';
import { normaliser } from './normalise.ts';
import type { Ending, Head } from './write.ts';

/** The last line of a manifest. Programs other than this one may leave the digest out. */
export interface End extends Ending {
  readonly events: number;
  readonly sha256?: string;
}

/**
 * How lines are wanted. `sent`: in the form that is sent; a digest in the last line says they are already, otherwise each
 * is normalised. `normalised`: each is, whatever the last line says. `as_is`: as they stand. `written`: the same, and
 * empty lines come as empty ones, so that lines can be counted; such lines are gone once the next ones are asked for.
 */
export type LineForm = 'sent' | 'normalised' | 'as_is' | 'written';

/** An opened manifest. `end` is null when it is unfinished. */
export interface OpenManifest {
  readonly head: Head;
  readonly end: End | null;
  /** The file as it was when it was opened. */
  readonly stats: Stats;
  /**
   * The event lines, a chunk at a time, without line breaks. After the last line the count, the digest and the file
   * itself are checked: throws MCI703 or MCI705.
   */
  lines(form?: LineForm): AsyncIterable<Buffer[]>;
}

/** A file's first and last line where they are ours, and the span of bytes between them. */
export interface Frame {
  readonly head: Head | null;
  readonly end: End | null;
  readonly from: number;
  readonly to: number;
}

const NEWLINE = 10;
const EDGE = 1 << 16;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, from);
  return buffer.subarray(0, bytesRead);
}

function headFrom(line: string, path: string): Head | null {
  const value = parsed(line);
  if (value === null || !('manifest' in value)) return null;
  const { manifest, ...head } = value;
  if (manifest !== 'mc-ingest/1')
    throw new McIngestError('MCI701', 'config', `${path}: manifest format ${JSON.stringify(manifest)} is not known`);
  if (!COLLECTS.some((collect) => collect === head['collect']) || typeof head['flow'] !== 'string')
    throw new McIngestError('MCI701', 'config', `${path}: the first line names no flow, or no collect that is known`, {
      fix: `"collect" is one of: ${COLLECTS.join(', ')}`,
    });
  return withoutNulls(head) as unknown as Head;
}

/** A null stands for an absent member, as in the events. */
function withoutNulls(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [[name, isRecord(value) ? withoutNulls(value) : value]],
    ),
  );
}

function endFrom(line: string): End | null {
  const value = parsed(line);
  if (value === null || value['end'] !== true) return null;
  const { watermark, ...rest } = value;
  const known = isRecord(watermark) && typeof watermark['to'] === 'string' ? { watermark } : {};
  return { ...rest, ...known, events: Number(value['events']), complete: value['complete'] === true } as End;
}

/** Reads the edges of a file. Refuses a byte order mark and binary content (MCI701). */
export async function frameOf(handle: FileHandle, size: number, path: string): Promise<Frame> {
  const first = await readAt(handle, 0, Math.min(size, EDGE));
  if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf)
    throw new McIngestError('MCI701', 'config', `${path} begins with a byte order mark: save it as plain UTF-8`);
  if (first.includes(0)) throw new McIngestError('MCI701', 'config', `${path} is binary, not lines of JSON`);
  const cut = first.indexOf(NEWLINE);
  const headEnd = cut < 0 ? first.length : cut;
  const head = headFrom(first.subarray(0, headEnd).toString('utf8'), path);
  const from = head === null ? 0 : Math.min(size, headEnd + 1);
  const tailFrom = Math.max(from, size - EDGE);
  const tail = (await readAt(handle, tailFrom, size - tailFrom)).toString('latin1').trimEnd();
  const lastAt = tail.lastIndexOf('\n') + 1;
  const end = endFrom(tail.slice(lastAt));
  return { head, end, from, to: end === null ? size : tailFrom + lastAt };
}

interface Span extends Frame {
  readonly path: string;
  readonly stats: Stats;
  /** The content was checked against the last line before, and the file has not changed since. */
  readonly known: boolean;
}

interface Found {
  readonly events: number;
  /** Null where it was not computed. */
  readonly sha256: string | null;
}

function checkEnd(end: End, found: Found, path: string): void {
  const wrong = !Number.isSafeInteger(end.events)
    ? 'does not say in its last line how many events there are'
    : end.events !== found.events
      ? `holds ${found.events} events, its last line says ${end.events}`
      : end.sha256 !== undefined && found.sha256 !== null && end.sha256 !== found.sha256
        ? 'was changed after it was written: the sha256 of its events differs'
        : null;
  if (wrong !== null) throw new McIngestError('MCI703', 'config', `${path} ${wrong}`);
}

function rewriting({ head, end }: Span, form: LineForm): ((text: string) => string) | null {
  const wanted = form === 'normalised' || (form === 'sent' && end?.sha256 === undefined);
  return wanted && head !== null ? normaliser(head.collect) : null;
}

async function* readLines(span: Span, form: LineForm): AsyncGenerator<Buffer[], void, undefined> {
  const { path, end, from, to, stats, known } = span;
  const { handle } = await openPlain(path);
  const hold = form === 'written' ? 'passing' : 'kept';
  const hash = end?.sha256 === undefined || known ? null : createHash('sha256');
  async function* hashed() {
    for await (const chunk of chunksOf(handle, { from, to, hold })) {
      hash?.update(chunk);
      yield chunk;
    }
  }
  const rewrite = rewriting(span, form);
  let events = 0;
  try {
    for await (const lines of linesOf(hashed(), form === 'written' ? 'keep' : 'drop')) {
      events += form === 'written' ? lines.filter((line) => line.length > 0).length : lines.length;
      yield rewrite === null ? lines : lines.map((line) => rewritten(line, rewrite));
    }
  } finally {
    await handle.close();
  }
  await unchanged(path, stats);
  if (end !== null) checkEnd(end, { events, sha256: hash?.digest('hex') ?? null }, path);
}

function rewritten(line: Buffer, rewrite: (text: string) => string): Buffer {
  const text = line.toString('utf8');
  const next = rewrite(text);
  return next === text ? line : Buffer.from(next);
}

/**
 * Opens a manifest and reads its first and last line. Throws MCI700 or MCI701; with `checked`, the file as it was when
 * its content was checked, MCI705 when it is another one now.
 */
export async function openManifest(path: string, checked?: Stats): Promise<OpenManifest> {
  const { handle, stats } = await openPlain(path);
  let frame: Frame;
  try {
    if (checked !== undefined) await unchanged(path, checked);
    frame = await frameOf(handle, stats.size, path);
  } finally {
    await handle.close();
  }
  const { head, end } = frame;
  if (head === null)
    throw new McIngestError('MCI701', 'config', `${path} has no first line that says what it holds`, {
      fix: 'begin it with {"manifest": "mc-ingest/1", "flow": …, "collect": …, "resource": …, "started_at": …}',
    });
  const span: Span = { ...frame, path, stats: checked ?? stats, known: checked !== undefined };
  return { head, end, stats, lines: (form = 'sent') => readLines(span, form) };
}
