import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { McIngestError } from '../errors.ts';
import { decodeState, encodeState } from './codec.ts';
import { VersionConflict } from './conflict.ts';
import { claim, privateFolder, removeFile, syncFolder, writeTemporary } from './file-io.ts';
import type { State, StateBackend } from './types.ts';

/** A state as it was read or saved, with the version that the next save must name. */
export interface Stored {
  readonly state: State;
  readonly version: string;
}

/** One project's state in a backend. */
export interface Store {
  readonly backend: StateBackend;
  readonly project: string;
  readonly now: () => number;
  /** Null: nothing was saved yet. Throws MCI500, MCI503 (exit 10), MCI506 (another project's, exit 7). */
  read(): Promise<Stored | null>;
  /**
   * Saves with the serial one up. `ifVersion` is that of the state it was made from, null for the first.
   * Throws MCI513 (exit 8) when somebody else saved since, MCI520 (exit 11) when it cannot be saved.
   */
  save(state: State, ifVersion: string | null): Promise<Stored>;
  /** A state with nothing in it and a lineage of its own; serial 0: not saved. */
  fresh(): State;
}

interface StoreOptions {
  readonly backend: StateBackend;
  readonly project: string;
  readonly now: () => number;
}

export function openStore({ backend, project, now }: StoreOptions): Store {
  return {
    backend,
    project,
    now,
    async read() {
      const found = await backend.get('state');
      if (found === null) return null;
      const state = decodeState(found.text, backend.place);
      if (state.project !== project)
        throw new McIngestError(
          'MCI506',
          'guarded',
          `${backend.place} belongs to the project ${state.project}, not ${project}`,
          {
            fix: 'check project: and state.path: in the configuration',
          },
        );
      return { state, version: found.version };
    },
    async save(state, ifVersion) {
      const next: State = { ...state, serial: state.serial + 1, saved_at: new Date(now()).toISOString() };
      const text = encodeState(next);
      try {
        return { state: next, version: await backend.put('state', text, ifVersion) };
      } catch (error) {
        if (error instanceof VersionConflict)
          throw new McIngestError('MCI513', 'locked', `${backend.place} was changed by another run meanwhile`, {
            fix: 'run mc-ingest apply again: what this run sent is in its journal',
            cause: error,
          });
        throw await unsaved(backend, text, { run: next.run, error });
      }
    },
    fresh: () => ({
      format: 'mc-ingest.state/1',
      project,
      lineage: randomUUID(),
      serial: 0,
      saved_at: new Date(now()).toISOString(),
      run: null,
      items: {},
      learned: {},
      folded: [],
    }),
  };
}

async function unsaved(
  backend: StateBackend,
  text: string,
  { run, error }: { readonly run: string | null; readonly error: unknown },
): Promise<McIngestError> {
  const why = error instanceof Error ? error.message : String(error);
  const file = await leaveRecovery(backend.recoveryDir, `recovery-${run ?? 'state'}.json`, text);
  return new McIngestError('MCI520', 'state_unsaved', `the state could not be saved: ${why}`, {
    fix: `${file === null ? 'no recovery file could be written either' : `keep ${file}`}; the journal has every receipt: mend the storage, then run mc-ingest apply again`,
    cause: error,
  });
}

/** Null when that is not possible either: the journal still has everything. */
async function leaveRecovery(folder: string | undefined, name: string, text: string): Promise<string | null> {
  if (folder === undefined) return null;
  try {
    await privateFolder(folder);
    const temporary = await writeTemporary(folder, text);
    const path = join(folder, name);
    try {
      await removeFile(path);
      await claim(temporary, path);
    } finally {
      await removeFile(temporary);
    }
    await syncFolder(folder);
    return path;
  } catch {
    return null;
  }
}
