import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Code } from '../errors.ts';

/** What references are read from. */
export interface ReferenceWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative `${file:}` paths start here. */
  readonly dir: string;
}

/** One `${…}` of a text. */
export type Reference =
  | { readonly kind: 'env'; readonly name: string; readonly fallback?: string }
  | { readonly kind: 'file'; readonly path: string };

/** Why a reference cannot be read. */
export interface ReferenceFault {
  readonly code: Code;
  readonly message: string;
  readonly fix?: string;
}

const ANY = /\$\{([^}]*)\}/g;
const ENV = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;
const TOKEN_NAMES = ['MCD_ID', 'MCD_TOKEN', 'MCD_INGEST_ID', 'MCD_INGEST_TOKEN'];
const FORBIDDEN = /^(MCD_ID|MCD_TOKEN|MCD_INGEST_ID|MCD_INGEST_TOKEN|MCD_DEFAULT_API_\w+)(_FILE)?$/i;
const LARGEST_FILE = 1024 * 1024;

export function hasReference(text: string): boolean {
  return text.includes('${');
}

/** Takes a text apart; null for a `${` that is no reference. */
export function references(text: string): readonly Reference[] | null {
  const found: Reference[] = [];
  for (const [, inside = ''] of text.matchAll(ANY)) {
    const env = ENV.exec(inside);
    if (inside.startsWith('file:') && inside.length > 5) found.push({ kind: 'file', path: inside.slice(5) });
    else if (env?.[1] !== undefined)
      found.push({ kind: 'env', name: env[1], ...(env[2] === undefined ? {} : { fallback: env[2] }) });
    else return null;
  }
  return text.replace(ANY, '').includes('${') ? null : found;
}

/** Whether the reference could hand out a Monte Carlo key: never allowed, wherever it stands. */
export function forbidden(reference: Reference, world: ReferenceWorld): boolean {
  if (reference.kind === 'env') return FORBIDDEN.test(reference.name);
  const path = real(resolve(world.dir, reference.path));
  if (/^\/(proc|dev|sys)\//.test(path) || /[/\\]\.mcd[/\\]/.test(path)) return true;
  const file = identity(path);
  return tokenFiles(world.env).some((held) => real(held) === path || (file !== null && identity(held) === file));
}

function tokenFiles(env: ReferenceWorld['env']): readonly string[] {
  return TOKEN_NAMES.flatMap((name) => env[`${name}_FILE`] || []);
}

/** Which file it is, whatever its name: a hard link to a key file is that file. */
function identity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return ino === 0n ? null : `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The value now, or why there is none. A variable that is empty counts as set only without a `:-` default. */
export function readReference(reference: Reference, world: ReferenceWorld): string | ReferenceFault {
  if (reference.kind === 'file') return readFileReference(reference.path, world);
  const value = world.env[reference.name];
  if (reference.fallback !== undefined) return value === undefined || value === '' ? reference.fallback : value;
  if (value !== undefined) return value;
  return {
    code: 'MCI116',
    message: `the variable ${reference.name} is not set`,
    fix: `set ${reference.name}, or write \${${reference.name}:-default}`,
  };
}

function readFileReference(path: string, world: ReferenceWorld): string | ReferenceFault {
  const full = resolve(world.dir, path);
  const failed = (why: string): ReferenceFault => ({
    code: 'MCI117',
    message: `the file ${path} cannot be read: ${why}`,
    fix: 'make the file, or let the account that runs this read it',
  });
  try {
    const facts = statSync(full);
    if (!facts.isFile()) return failed('it is no regular file');
    if (facts.size > LARGEST_FILE) return failed('it is larger than 1 MiB');
    return readFileSync(full, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return failed(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'it does not exist'
        : ((error as NodeJS.ErrnoException).code ?? 'unknown'),
    );
  }
}

/** A text with its references read, or the first reason why not. */
export function interpolate(text: string, world: ReferenceWorld): string | ReferenceFault {
  let fault: ReferenceFault | undefined;
  const list = references(text) ?? [];
  let next = 0;
  const value = text.replace(ANY, () => {
    const reference = list[next++];
    const read = reference === undefined ? '' : readReference(reference, world);
    if (typeof read === 'string') return read;
    fault ??= read;
    return '';
  });
  return fault ?? value;
}

/** Whether a value that was read is (or holds) a Monte Carlo key, of the environment or of the files it names. */
export function holdsToken(value: string, env: ReferenceWorld['env']): boolean {
  const given = [...TOKEN_NAMES, 'MCD_DEFAULT_API_ID', 'MCD_DEFAULT_API_TOKEN'].map((name) => env[name] ?? '');
  return [...given, ...tokenFiles(env).map(heldKey)].some((token) => {
    // A short text is found in many others by chance.
    return token !== '' && (value === token || (token.length >= 8 && value.includes(token)));
  });
}

function heldKey(path: string): string {
  const read = readFileReference(path, { env: {}, dir: '' });
  return typeof read === 'string' ? read.trim() : '';
}
