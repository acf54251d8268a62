import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CliContext } from '../context.ts';
import { fileBackend } from '../state/file.ts';
import { type ProcessFacts, processFacts } from '../state/holder.ts';
import { lookAhead } from '../state/recover.ts';
import { openStore, type Store } from '../state/store.ts';
import type { State } from '../state/types.ts';

/** `.mc-ingest`, where the state, its journals and the manifests are. */
export function stateFolder(config: Config): string {
  return dirname(config.state.path);
}

export function manifestFolder(config: Config): string {
  return join(config.dir, '.mc-ingest', 'manifests');
}

export interface ProjectState {
  readonly store: Store;
  readonly state: State | null;
}

/** The project's state, unread. */
export function projectStore(context: CliContext, config: Config): Store {
  const backend = fileBackend({ path: config.state.path, now: context.now });
  return openStore({ backend, project: config.project, now: context.now });
}

/** Opens the project's state and reads it, what dead runs left included; nothing is written. */
export async function openProjectState(context: CliContext, config: Config): Promise<ProjectState> {
  const store = projectStore(context, config);
  return { store, state: await lookAhead(store, await ourselves(context)) };
}

/** Who we are, for the lock. */
export function ourselves(context: CliContext): Promise<ProcessFacts> {
  const port = {
    pid: context.pid,
    hostname: hostname(),
    readFile: (path: string) => readFile(path, 'utf8'),
    readLink: (path: string) => readlink(path),
  };
  return processFacts(context.env, port);
}
