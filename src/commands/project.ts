import { readFile } from 'node:fs/promises';
import type { Config } from '../config/types.ts';
import { McIngestError } from '../errors.ts';
import { desire } from '../flows/desire.ts';
import { plan } from '../plan/plan.ts';
import { select } from '../plan/select.ts';
import type { KnownState, Plan } from '../plan/types.ts';
import type { State } from '../state/types.ts';

export interface ProjectFlags {
  readonly config: string;
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly allow?: readonly string[];
}

/** The state as the planner wants it; nothing was saved yet: empty, serial 0. */
export function knownState(state: State | null): KnownState {
  if (state === null) return { lineage: null, serial: 0, saved_at: null, project: null, items: {} };
  const { lineage, serial, saved_at, project, items } = state;
  return { lineage, serial, saved_at, project, items };
}

/** Desired and known, compared at `now`: the plan of this project. */
export function planProject(
  config: Config,
  state: State | null,
  options: { readonly flags: ProjectFlags; readonly now: number },
): Plan {
  const desired = desire(config);
  const known = knownState(state);
  const { select: wanted, exclude } = options.flags;
  const selected =
    wanted === undefined && exclude === undefined
      ? undefined
      : select({ desired, items: known.items }, { select: wanted ?? [], exclude: exclude ?? [] });
  return plan({
    project: config.project,
    config_digest: config.digest,
    desired,
    moved: config.moved as never,
    removed: config.removed as never,
    state: known,
    now: options.now,
    ...(selected === undefined ? {} : { selected }),
  });
}

/** Throws MCI352 (exit 7) when a guard of the plan was not let pass by `--allow`. */
export function checkGuards(found: Plan, allow: readonly string[]): void {
  const refusing = found.guards.filter((guard) => !allow.includes(guard.name));
  const [first] = refusing;
  if (first === undefined) return;
  const message = refusing.map((guard) => `${guard.name}: ${guard.message}`).join('; ');
  throw new McIngestError('MCI352', 'guarded', message, {
    fix: `if this is meant: ${refusing.map((guard) => `--allow ${guard.name}`).join(' ')}`,
  });
}

/** The fingerprint of a plan that `plan --out` wrote. Throws MCI354. */
export async function savedFingerprint(path: string): Promise<string> {
  const broken = (cause?: unknown): McIngestError =>
    new McIngestError('MCI354', 'guarded', `${path} is not a saved plan`, {
      fix: 'make it with mc-ingest plan --out FILE',
      cause,
    });
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw broken(error);
  }
  if (
    typeof document !== 'object' ||
    document === null ||
    !('format' in document) ||
    document.format !== 'mc-ingest.plan/1'
  )
    throw broken();
  if (!('fingerprint' in document) || typeof document.fingerprint !== 'string') throw broken();
  return document.fingerprint;
}
