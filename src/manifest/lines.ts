import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { McIngestError } from '../errors.ts';

const CHUNK = 1 << 18;
const NEWLINE = 10;
const RETURN = 13;

export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Opens a plain file for reading. Throws MCI700 with the reason a person understands. */
export async function openPlain(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, stats };
  } catch (cause) {
    await handle?.close();
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new McIngestError('MCI700', 'config', `${path} ${missing ? 'does not exist' : 'cannot be read'}`, { cause });
  }
  await handle.close();
  throw new McIngestError('MCI700', 'config', `${path} is not a file`);
}

/** Throws MCI705 when the file at `path` is no longer the one that was opened. */
export async function unchanged(path: string, before: Stats): Promise<void> {
  const now = await stat(path).catch(() => null);
  const same = now?.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (!same)
    throw new McIngestError('MCI705', 'config', `${path} changed while it was read`, {
      fix: 'write it under another name and rename it when it is finished',
    });
}

/** What becomes of empty lines. */
export type Blank = 'keep' | 'drop';

/** Cuts bytes at line feeds. A carriage return before one is dropped. */
function cut(bytes: Buffer, lines: Buffer[], blank: Blank): number {
  let from = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
    const end = at > from && bytes[at - 1] === RETURN ? at - 1 : at;
    if (end > from || blank === 'keep') lines.push(bytes.subarray(from, end));
    from = at + 1;
  }
  return from;
}

/** Whether a reader keeps views on a chunk after it has asked for the next one. */
export type Hold = 'kept' | 'passing';

interface Part {
  readonly from: number;
  readonly to: number;
  readonly hold?: Hold;
}

/**
 * The raw bytes of a part of a file, in chunks. Each is a buffer of its own, or, where nothing is kept, the same one
 * again: fresh memory for every chunk costs as much as the reading.
 */
export async function* chunksOf(
  handle: FileHandle,
  { from, to, hold = 'kept' }: Part,
): AsyncGenerator<Buffer, void, undefined> {
  const again = hold === 'passing' ? Buffer.allocUnsafeSlow(Math.min(CHUNK, Math.max(1, to - from))) : null;
  for (let at = from; at < to; ) {
    const buffer = again ?? Buffer.allocUnsafeSlow(Math.min(CHUNK, to - at));
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The lines of chunks, as views on their bytes: nothing is decoded. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  blank: Blank = 'drop',
): AsyncGenerator<Buffer[], void, undefined> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    const first = chunk.indexOf(NEWLINE) + 1;
    if (first === 0) {
      rest.push(Buffer.from(chunk)); // the chunk's memory may be used again
      continue;
    }
    const lines: Buffer[] = [];
    // Only the line that lies across two chunks is put together; all others stay where they are.
    const begun = rest.length > 0;
    if (begun) cut(Buffer.concat([...rest, chunk.subarray(0, first)]), lines, blank);
    const bytes = begun ? chunk.subarray(first) : chunk;
    const used = cut(bytes, lines, blank);
    rest = used < bytes.length ? [Buffer.from(bytes.subarray(used))] : [];
    if (lines.length > 0) yield lines;
  }
  const last: Buffer[] = [];
  cut(Buffer.concat([...rest, Buffer.from('\n')]), last, 'drop');
  if (last.length > 0) yield last;
}
