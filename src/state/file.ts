import { basename, dirname, join } from 'node:path';
import { McIngestError } from '../errors.ts';
import { VersionConflict } from './conflict.ts';
import {
  type Appendable,
  checkFolder,
  claim,
  errnoOf,
  namesIn,
  openAppendable,
  privateFolder,
  readText,
  removeFile,
  replaceByLink,
  syncFolder,
  writeTemporary,
} from './file-io.ts';
import { sha256 } from './sha256.ts';
import type { StateBackend } from './types.ts';

/** How many whole older versions of the state and the lock are kept. */
const KEEP = 10;
const NAME = /^(?:state|lock|(?:runs|journal)\/[A-Za-z0-9][A-Za-z0-9._-]*)$/;
const WIDTH = 12;

interface FileOptions {
  /** Where the state is: `.mc-ingest/state.json`. The folder holds everything else, too. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Current {
  readonly text: string;
  readonly version: string;
  readonly generation: number;
}

/** Wraps what the file system says in words, and in the exit code that fits. */
async function guarded<T>(doing: 'read' | 'write', path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof McIngestError || error instanceof VersionConflict) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (doing === 'read')
      throw new McIngestError('MCI505', 'state_damaged', `${path} cannot be read: ${why}`, { cause: error });
    const noLink = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error))
      ? ' (the file system must know hard links)'
      : '';
    throw new McIngestError('MCI520', 'state_unsaved', `${path} cannot be written: ${why}${noLink}`, {
      fix: 'make room or mend the permissions, then run apply again: the journal holds what was sent',
      cause: error,
    });
  }
}

/**
 * State on a local disk. The state and the lock are chains of generations: version N+1 exists once a complete file got
 * that name by link(2), which only one of many can do. `state.json` is a second name of the newest one. Run records are
 * created once; journals are appended to.
 */
export function fileBackend({ path, now }: FileOptions): StateBackend & { readonly recoveryDir: string } {
  const folder = dirname(path);
  const generations = join(folder, 'generations');
  const stem = (name: string): string => (name === 'state' ? basename(path).replace(/\.json$/, '') : name);

  const pathOf = (name: string): string => {
    if (!NAME.test(name)) throw new Error(`not a name of a state record: ${name}`);
    if (name === 'state') return path;
    return join(folder, `${name}${name.startsWith('journal/') ? '.ndjson' : '.json'}`);
  };
  const generationPath = (name: string, number: number): string =>
    join(generations, `${stem(name)}.${String(number).padStart(WIDTH, '0')}.json`);

  async function numbersOf(name: string): Promise<readonly number[]> {
    const prefix = `${stem(name)}.`;
    return (await namesIn(generations)).flatMap((file) => {
      const digits = file.slice(prefix.length, -'.json'.length);
      return file.startsWith(prefix) && /^[0-9]{12}$/.test(digits) ? [Number(digits)] : [];
    });
  }

  /** What stands at the record's own path is believed, unless it is an older generation (a crash before the rename, or nothing). */
  async function current(name: string): Promise<Current | null> {
    for (;;) {
      const numbers = await numbersOf(name);
      const newest = numbers.at(-1);
      const shown = await readText(pathOf(name));
      if (newest === undefined) return shown === null ? null : versioned(shown, 0);
      const text = await readText(generationPath(name, newest));
      if (text === null) continue; // pruned while we looked: there are newer ones
      if (shown === null || shown === text) return versioned(text, newest);
      if (await isOlder(name, shown, numbers)) return versioned(text, newest);
      // It may have been replaced by a newer generation between the two looks.
      if ((await numbersOf(name)).at(-1) === newest) return versioned(shown, newest);
    }
  }

  async function isOlder(name: string, shown: string, numbers: readonly number[]): Promise<boolean> {
    for (const number of numbers.toReversed())
      if ((await readText(generationPath(name, number))) === shown) return true;
    return false;
  }

  /** Gives the newest generation its plain name, and drops the ones that are too old. */
  async function publish(name: string): Promise<void> {
    for (let shown = -1; ; ) {
      const newest = (await numbersOf(name)).at(-1) ?? shown;
      if (newest === shown) break;
      try {
        await replaceByLink(generationPath(name, newest), pathOf(name));
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
      shown = newest;
    }
    await syncFolder(folder);
    for (const number of (await numbersOf(name)).slice(0, -KEEP - 1)) await removeFile(generationPath(name, number));
  }

  async function swap(name: string, text: string, ifVersion: string | null): Promise<string> {
    await privateFolder(generations);
    const before = await current(name);
    if ((before?.version ?? null) !== ifVersion) throw new VersionConflict(name);
    const next = (before?.generation ?? 0) + 1;
    const temporary = await writeTemporary(generations, text);
    try {
      if (!(await claim(temporary, generationPath(name, next)))) throw new VersionConflict(name);
    } finally {
      await removeFile(temporary);
    }
    await syncFolder(generations);
    // A writer that slept through so many versions that the name became free again has won nothing.
    if (((await numbersOf(name)).at(-1) ?? next) - next >= KEEP) {
      await removeFile(generationPath(name, next));
      throw new VersionConflict(name);
    }
    await publish(name);
    return versioned(text, next).version;
  }

  async function createOnce(name: string, text: string, ifVersion: string | null): Promise<string> {
    const target = pathOf(name);
    if (ifVersion !== null) throw new Error(`${name} is written once and never again`);
    await privateFolder(dirname(target));
    const temporary = await writeTemporary(dirname(target), text);
    try {
      if (!(await claim(temporary, target))) throw new VersionConflict(name);
    } finally {
      await removeFile(temporary);
    }
    await syncFolder(dirname(target));
    return versioned(text, 1).version;
  }

  const journals = new Map<string, Appendable>();

  async function openJournalFile(name: string): Promise<Appendable> {
    await privateFolder(folder);
    await privateFolder(dirname(pathOf(name)));
    const file = await openAppendable(pathOf(name));
    journals.set(name, file);
    return file;
  }

  async function release(name: string): Promise<void> {
    const file = journals.get(name);
    journals.delete(name);
    await file?.close();
  }

  return {
    place: `file ${path}`,
    recoveryDir: folder,
    get: (name) =>
      guarded('read', pathOf(name), async () => {
        if (!(await checkFolder(folder))) return null;
        if (name === 'state' || name === 'lock') {
          await checkFolder(generations);
          const found = await current(name);
          return found === null ? null : { text: found.text, version: found.version };
        }
        await checkFolder(dirname(pathOf(name)));
        const text = await readText(pathOf(name));
        return text === null ? null : { text, version: versioned(text, 1).version };
      }),
    put: (name, text, ifVersion) =>
      guarded('write', pathOf(name), async () => {
        await privateFolder(folder);
        return name === 'state' || name === 'lock' ? swap(name, text, ifVersion) : createOnce(name, text, ifVersion);
      }),
    list: (prefix) =>
      guarded('read', folder, async () => {
        const all: string[] = [];
        for (const kind of ['journal', 'runs'])
          for (const file of await namesIn(join(folder, kind)))
            all.push(`${kind}/${file.replace(/\.(?:nd)?json$/, '')}`);
        return all.filter((name) => NAME.test(name) && name.startsWith(prefix));
      }),
    append: (name, text) =>
      guarded('write', pathOf(name), async () => {
        if (!name.startsWith('journal/')) throw new Error(`${name} is not a journal`);
        const file = journals.get(name) ?? (await openJournalFile(name));
        try {
          await file.append(text);
        } catch (error) {
          await release(name);
          throw error;
        }
      }),
    release,
    now: async () => now(),
  };
}

function versioned(text: string, generation: number): Current {
  return { text, generation, version: `${generation}-${sha256(text).slice(0, 16)}` };
}
