import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { McIngestError } from '../errors.ts';
import type { ManifestHead } from '../model.ts';

/** What the last line states. */
export interface Ending {
  readonly complete: boolean;
  readonly watermark?: { readonly from?: string; readonly to: string };
}

export interface Written {
  readonly events: number;
  /** Of the event lines. */
  readonly bytes: number;
  readonly sha256: string;
}

/** A manifest being written. `add` gives a promise when a chunk goes to disk: await it, memory stays flat. */
export interface Manifest {
  add(line: string): Promise<void> | undefined;
  finish(ending: Ending): Promise<Written>;
  /** Closes the file as it is: without a last line nobody pushes it. */
  abort(): Promise<void>;
}

const CHUNK = 1 << 18;

async function create(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'exists already' : 'cannot be written';
    throw new McIngestError('MCI700', 'failed', `manifest ${path} ${why}`, { cause });
  }
}

/** Starts a manifest: a new file of mode 0600, its folder 0700. Throws MCI700 when the file exists or cannot be made. */
export async function createManifest(path: string, head: ManifestHead): Promise<Manifest> {
  const file = await create(path);
  const hash = createHash('sha256');
  let events = 0;
  let bytes = 0;
  let pending: string[] = [];
  let size = 0;

  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const chunk = Buffer.from(`${pending.join('\n')}\n`);
    pending = [];
    size = 0;
    hash.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  };
  await file.appendFile(`${JSON.stringify({ manifest: 'mc-ingest/1', ...head })}\n`);
  return {
    add(line) {
      pending.push(line);
      events += 1;
      size += line.length + 1;
      return size < CHUNK ? undefined : flush();
    },
    async finish({ complete, watermark }) {
      await flush();
      const sha256 = hash.digest('hex');
      const end = { end: true, events, complete, ...(watermark === undefined ? {} : { watermark }), sha256 };
      await file.appendFile(`${JSON.stringify(end)}\n`);
      await file.sync();
      await file.close();
      return { events, bytes, sha256 };
    },
    async abort() {
      await flush().catch(() => undefined);
      await file.close().catch(() => undefined);
    },
  };
}
