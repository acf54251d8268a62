import { closeSync, createReadStream, ftruncateSync, openSync, writeSync } from 'node:fs';
import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { McIngestError } from '../errors.ts';
import type { Key, Rejected, RequestRecord } from './types.ts';

/** What is kept, one JSON document a line. `at`: the sandbox's time, at which it is done again at the next start. */
export type Entry =
  | {
      readonly kind: 'request';
      readonly at: string;
      readonly record: RequestRecord;
      readonly rejected?: Rejected;
      /** The text of the body, when doing it again changes something. */
      readonly body?: string;
    }
  | { readonly kind: 'clock'; readonly at: string; readonly offset: number; readonly delays: 'contract' | 'none' }
  | { readonly kind: 'key'; readonly at: string; readonly key: Key };

/** Where a sandbox keeps what came in, so that it survives the process, also when that is killed. */
export interface Journal {
  append(entry: Entry): void;
  /** Forgets everything that was kept. */
  truncate(): void;
  close(): void;
}

/** Keeps nothing. */
export const NO_JOURNAL: Journal = { append: () => undefined, truncate: () => undefined, close: () => undefined };

const FILE = 'sandbox.ndjson';

function failed(dir: string, cause: unknown): McIngestError {
  return new McIngestError('MCI902', 'failed', `the folder ${dir} cannot be used`, { cause });
}

/** Gives every whole line of the file; a line that a crash cut off is passed over. */
async function replay(file: string, again: (entry: Entry) => void): Promise<void> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    let entry: Entry;
    try {
      entry = JSON.parse(line) as Entry;
    } catch {
      continue;
    }
    again(entry);
  }
}

/** A cut-off last line is ended, so that the next one stands on its own. */
async function endLastLine(file: string): Promise<void> {
  const { size } = await stat(file);
  if (size === 0) return;
  const handle = await open(file, 'r+');
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  if (last.toString() !== '\n') await handle.write('\n', size);
  await handle.close();
}

/** Opens a folder's file (mode 0600) and hands out what was kept. Throws MCI902 (exit 1). */
export async function openJournal(dir: string, again: (entry: Entry) => void): Promise<Journal> {
  const file = join(dir, FILE);
  let fd: number;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    fd = openSync(file, 'a', 0o600);
    await chmod(file, 0o600);
    await endLastLine(file);
    await replay(file, again);
  } catch (cause) {
    throw failed(dir, cause);
  }
  return {
    append: (entry) => {
      const data = Buffer.from(`${JSON.stringify(entry)}\n`);
      for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
    },
    truncate: () => ftruncateSync(fd, 0),
    close: () => closeSync(fd),
  };
}
