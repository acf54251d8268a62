import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { McIngestError } from '../errors.ts';
import { digest } from '../plan/digest.ts';
import type { Plan } from '../plan/types.ts';

/** What `apply PLAN` needs of a plan that `plan --out` wrote: what was approved, what it was made from, what was picked. */
export interface SavedPlan {
  readonly fingerprint: string;
  readonly version: string | null;
  readonly config_digest: string | null;
  readonly lineage: string | null | undefined;
  readonly select: readonly string[];
  readonly exclude: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function unreadable(path: string, why: string, cause?: unknown): McIngestError {
  return new McIngestError('MCI354', 'guarded', `${path} is not a saved plan: ${why}`, {
    fix: 'make it with mc-ingest plan --out FILE',
    cause,
  });
}

async function documentOf(path: string): Promise<Members> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, 'it cannot be read', error);
  }
  try {
    return members(JSON.parse(content));
  } catch (error) {
    throw unreadable(path, 'it is not whole JSON', error);
  }
}

/** Reads a plan that `plan --out` wrote. Throws MCI354 (exit 7): it is none, or was changed since. */
export async function readSavedPlan(path: string): Promise<SavedPlan> {
  const document = await documentOf(path);
  const { digest: told, ...rest } = document;
  if (document['format'] !== 'mc-ingest.plan/1') throw unreadable(path, 'its format is not mc-ingest.plan/1');
  const fingerprint = text(document['fingerprint']);
  if (fingerprint === null) throw unreadable(path, 'it has no fingerprint');
  if (told !== undefined && told !== digest(rest)) throw unreadable(path, 'it was changed after it was written');
  const base = members(document['base']);
  const lineage = members(base['state'])['lineage'];
  const selection = members(document['selection']);
  return {
    fingerprint,
    version: text(members(document['tool'])['version']),
    config_digest: text(base['config_digest']),
    lineage: lineage === null ? null : (text(lineage) ?? undefined),
    select: texts(selection['select']),
    exclude: texts(selection['exclude']),
  };
}

const major = (version: string): string => version.split('.', 1)[0] ?? '';

/** What a saved plan was made from and that is another thing now; null: it is all the same. */
export function staleness(saved: SavedPlan, plan: Plan, version: string): string | null {
  const { config_digest, state } = plan.base;
  if (saved.version !== null && major(saved.version) !== major(version))
    return `it was made by version ${saved.version}, this is ${version}`;
  if (saved.config_digest !== null && saved.config_digest !== config_digest) return 'the configuration was changed';
  if (saved.lineage !== undefined && saved.lineage !== state.lineage) return 'it was made from another state';
  return saved.fingerprint === plan.fingerprint ? null : 'something else would be done now';
}

/** Where the bytes go: a pipe or a device is written to as it is, a file is replaced as a whole. */
async function place(path: string): Promise<{ readonly path: string; readonly special: boolean }> {
  const found = await stat(path).catch(() => null);
  if (found === null) return { path, special: false };
  return { path: await realpath(path), special: !found.isFile() };
}

/** Writes a plan for `apply FILE`, whole or not at all, for its owner only. Throws MCI007. */
export async function savePlan(path: string, document: string): Promise<void> {
  let temporary: string | null = null;
  try {
    const target = await place(path);
    temporary = target.special ? null : `${target.path}.${randomUUID()}.tmp`;
    const handle = await open(temporary ?? target.path, temporary === null ? 'w' : 'wx', 0o600);
    try {
      await handle.writeFile(document);
    } finally {
      await handle.close();
    }
    if (temporary !== null) await rename(temporary, target.path);
  } catch (cause) {
    if (temporary !== null) await rm(temporary, { force: true });
    throw new McIngestError('MCI007', 'failed', `${path} cannot be written`, { cause });
  }
}
