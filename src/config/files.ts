import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type ConfigDocument, configDocument } from './document.ts';
import type { Fault } from './fault.ts';
import { glob, isGlob, MOST_MATCHES } from './glob.ts';
import type { Path } from './place.ts';
import { readText } from './read-text.ts';

const LARGEST_TOTAL = 16 * 1024 * 1024;

/** A file that was read, and what is wrong with it so far. */
export interface LoadedFile {
  readonly document: ConfigDocument;
  readonly faults: Fault[];
}

interface Loading {
  readonly root: string;
  readonly cwd: string;
  readonly loaded: Map<string, LoadedFile>;
  yamlBytes: number;
}

function shownName(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short.split(sep).join('/');
}

function inside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function real(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}

async function loadFile(path: string, key: string, loading: Loading): Promise<LoadedFile> {
  const { text, fault } = await readText(path);
  const faults: Fault[] = fault === undefined ? [] : [fault];
  if (!/\.json$/i.test(path)) loading.yamlBytes += text.length;
  if (loading.yamlBytes > LARGEST_TOTAL && fault === undefined)
    faults.push({
      code: 'MCI108',
      message: 'all YAML files together have more than 16 MiB',
      fix: 'use JSON for lineage',
    });
  const name = shownName(path, loading.cwd);
  const document = faults.length > 0 ? unread(name, text) : configDocument(name, text);
  faults.push(...document.faults);
  const file = { document, faults };
  loading.loaded.set(key, file);
  return file;
}

/** A document for a file that was not parsed: its problems stand at line 1. */
function unread(name: string, text: string): ConfigDocument {
  return { ...configDocument(name, ''), text, data: null, faults: [] };
}

interface Pattern {
  readonly pattern: string;
  readonly path: Path;
}

function patterns(data: unknown): readonly Pattern[] {
  if (typeof data !== 'object' || data === null || !('include' in data) || !Array.isArray(data.include)) return [];
  const list = data.include as unknown[];
  return list.flatMap((pattern, index) => (typeof pattern === 'string' ? [{ pattern, path: ['include', index] }] : []));
}

const OUTSIDE = 'include only files inside the folder of the configuration';

async function matches(from: string, { pattern, path }: Pattern, faults: Fault[]): Promise<readonly string[]> {
  const steps = pattern.split(/[/\\]/);
  if (isAbsolute(pattern) || /^[A-Za-z]:/.test(pattern) || steps.includes('..')) {
    faults.push({ code: 'MCI113', message: `the include ${pattern} leads out of the folder`, path, fix: OUTSIDE });
    return [];
  }
  if (pattern.includes('${')) {
    faults.push({ code: 'MCI115', message: 'a reference is not allowed here', path, fix: 'write the path out' });
    return [];
  }
  const found = isGlob(pattern) ? await glob(dirname(from), pattern) : [pattern];
  if (found.length > MOST_MATCHES) {
    const message = `the include ${pattern} matches more than ${MOST_MATCHES} files`;
    faults.push({ code: 'MCI113', message, path, fix: 'write fewer, larger files, or a narrower pattern' });
    return [];
  }
  if (found.length === 0)
    faults.push({ code: 'MCI113', severity: 'warning', message: `the include ${pattern} matches no file`, path });
  return found.map((name) => join(dirname(from), name));
}

async function follow(from: string, file: LoadedFile, loading: Loading, chain: readonly string[]): Promise<void> {
  for (const item of patterns(file.document.data)) {
    for (const path of await matches(from, item, file.faults)) {
      const key = await real(path);
      const refuse = (fault: Omit<Fault, 'path'>): unknown => file.faults.push({ ...fault, path: item.path });
      const name = shownName(path, loading.cwd);
      if (key === null)
        refuse({ code: 'MCI100', message: `the included file ${name} does not exist`, fix: 'check its name' });
      else if (!inside(loading.root, key))
        refuse({ code: 'MCI113', message: `${name} leads out of the folder through a symbolic link`, fix: OUTSIDE });
      else if (chain.includes(key)) {
        // A glob that also matches its own file means the others.
        if (!(isGlob(item.pattern) && key === chain.at(-1)))
          refuse({
            code: 'MCI114',
            message: `${name} includes itself, by way of this file`,
            fix: 'remove this include',
          });
      } else if (!/\.(ya?ml|json)$/i.test(path))
        refuse({ code: 'MCI113', message: `${name} is neither YAML nor JSON`, fix: 'name it .yaml or .json' });
      else if (!loading.loaded.has(key))
        await follow(key, await loadFile(path, key, loading), loading, [...chain, key]);
    }
  }
}

/** Reads the file and what it includes: never outside its folder, each file once, no cycles. The first is the file itself. */
export async function loadFiles(file: string, cwd: string): Promise<readonly LoadedFile[]> {
  const path = resolve(cwd, file);
  const key = (await real(path)) ?? path;
  const root = (await real(dirname(path))) ?? dirname(path);
  const loading: Loading = { root, cwd, loaded: new Map(), yamlBytes: 0 };
  const first = await loadFile(path, key, loading);
  await follow(path, first, loading, [key]);
  return [...loading.loaded.values()];
}
