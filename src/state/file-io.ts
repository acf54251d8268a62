import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { McIngestError } from '../errors.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const OTHERS_WRITE = 0o002;

/** The `code` of a file system error (`ENOENT`), or the empty string. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Null instead of the error when the path does not exist. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Refuses a folder that others could tamper with. Throws MCI504. Returns whether it exists. */
export async function checkFolder(folder: string): Promise<boolean> {
  const found = await orNull(lstat(folder));
  if (found === null) return false;
  const unsafe = found.isSymbolicLink()
    ? 'a symbolic link'
    : !found.isDirectory()
      ? 'not a directory'
      : (found.mode & OTHERS_WRITE) !== 0
        ? 'writable by everybody'
        : null;
  if (unsafe !== null)
    throw new McIngestError('MCI504', 'state_damaged', `${folder} is ${unsafe}; the state is not safe there`, {
      fix: `make it a real directory that only you can write: chmod 700 ${folder}`,
    });
  return true;
}

/** Makes a private folder (0700) if it is not there, durably; checks it in any case. */
export async function privateFolder(folder: string): Promise<void> {
  if (await checkFolder(folder)) return;
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  await checkFolder(folder);
  await syncFolder(dirname(folder));
}

/** Makes renames, links and new names in the folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// One write may take fewer bytes than it was given (a full disk does that without an error).
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, null);
    if (bytesWritten === 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}

/** A whole, synced, new file of a random name in the folder (0600). Returns its path. */
export async function writeTemporary(folder: string, text: string): Promise<string> {
  const path = join(folder, `.${randomUUID()}.tmp`);
  const bytes = Buffer.from(text, 'utf8');
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE_FILE);
  try {
    await writeAll(handle, bytes);
    await handle.sync();
    if ((await handle.stat()).size !== bytes.length) throw Object.assign(new Error('a short file'), { code: 'EIO' });
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await removeFile(path);
    throw error;
  }
  return path;
}

/** Gives a file a second name, unless the name is taken: then false. Of many at once exactly one gets true. */
export async function claim(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Puts the file behind `from` at `to` too, replacing what is there in one step. */
export async function replaceByLink(from: string, to: string): Promise<void> {
  const second = join(dirname(to), `.${randomUUID()}.tmp`);
  await link(from, second);
  try {
    await rename(second, to);
  } finally {
    // rename does nothing, and leaves both names, when both are already the same file.
    await removeFile(second);
  }
}

/** A file's text; symbolic links are not followed. Null when there is none. */
export async function readText(path: string): Promise<string | null> {
  const handle = await orNull(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (handle === null) return null;
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** A file that is appended to, and kept open until it is closed: opening it for every record cost more than the record. */
export interface Appendable {
  /** Appends durably. After a failure the file is cut back to what it was, as far as the disk lets us. */
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file to append to, made if it is not there (0600); symbolic links are not followed. */
export async function openAppendable(path: string): Promise<Appendable> {
  const handle = await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, PRIVATE_FILE);
  const { ino } = await handle.stat();
  return {
    async append(text) {
      const found = await orNull(lstat(path));
      if (found?.ino !== ino) throw Object.assign(new Error('it was removed or replaced'), { code: 'ENOENT' });
      try {
        await writeAll(handle, Buffer.from(text, 'utf8'));
        await handle.datasync();
      } catch (error) {
        await handle.truncate(found.size).catch(() => undefined);
        throw error;
      }
      if (found.size === 0) await syncFolder(dirname(path));
    },
    close: () => handle.close(),
  };
}

/** Removes a file if it is there. */
export async function removeFile(path: string): Promise<void> {
  await orNull(unlink(path));
}

/** The names in a folder, sorted; none when there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return ((await orNull(readdir(folder))) ?? []).sort();
}
