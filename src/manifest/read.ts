import { createHash } from 'node:crypto';
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

/** An opened manifest. `end` is null when it is unfinished. */
export interface OpenManifest {
  readonly head: Head;
  readonly end: End | null;
  /**
   * The event lines, a chunk at a time, without line breaks, as they are sent. A digest in the last line says they are in
   * that form; without one each line is normalised, unless it is wanted as it is `written`. After the last line the count, the digest and the file itself are
   * checked: throws MCI703 or MCI705.
   */
  lines(form?: 'sent' | 'written'): AsyncIterable<Buffer[]>;
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

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
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
  return head as unknown as Head;
}

function endFrom(line: string): End | null {
  const value = parsed(line);
  if (value === null || value['end'] !== true) return null;
  return { ...value, events: Number(value['events']), complete: value['complete'] === true } as End;
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
}

function checkEnd(end: End, found: { readonly events: number; readonly sha256: string }, path: string): void {
  const wrong =
    end.events !== found.events
      ? `holds ${found.events} events, its last line says ${end.events}`
      : end.sha256 !== undefined && end.sha256 !== found.sha256
        ? 'was changed after it was written: the sha256 of its events differs'
        : null;
  if (wrong !== null) throw new McIngestError('MCI703', 'config', `${path} ${wrong}`);
}

async function* readLines(
  { path, head, end, from, to }: Span,
  form: 'sent' | 'written',
): AsyncGenerator<Buffer[], void, undefined> {
  const { handle, stats } = await openPlain(path);
  const hash = createHash('sha256');
  const digest = end?.sha256 !== undefined;
  async function* hashed() {
    for await (const chunk of chunksOf(handle, { from, to })) {
      if (digest) hash.update(chunk);
      yield chunk;
    }
  }
  const rewrite = digest || head === null || form === 'written' ? null : normaliser(head.collect);
  let events = 0;
  try {
    for await (const lines of linesOf(hashed())) {
      events += lines.length;
      yield rewrite === null ? lines : lines.map((line) => rewritten(line, rewrite));
    }
  } finally {
    await handle.close();
  }
  await unchanged(path, stats);
  if (end !== null) checkEnd(end, { events, sha256: hash.digest('hex') }, path);
}

function rewritten(line: Buffer, rewrite: (text: string) => string): Buffer {
  const text = line.toString('utf8');
  const next = rewrite(text);
  return next === text ? line : Buffer.from(next);
}

/** Opens a manifest and reads its first and last line. Throws MCI700 or MCI701. */
export async function openManifest(path: string): Promise<OpenManifest> {
  const { handle, stats } = await openPlain(path);
  let frame: Frame;
  try {
    frame = await frameOf(handle, stats.size, path);
  } finally {
    await handle.close();
  }
  const { head, end } = frame;
  if (head === null)
    throw new McIngestError('MCI701', 'config', `${path} has no first line that says what it holds`, {
      fix: 'begin it with {"manifest": "mc-ingest/1", "flow": …, "collect": …, "resource": …, "started_at": …}',
    });
  return { head, end, lines: (form = 'sent') => readLines({ ...frame, path }, form) };
}
