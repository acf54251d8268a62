import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SOURCE_TYPES, SOURCES } from '../src/registry.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** A folder of `src`, or a file at its top, and what of ours it may import. Nothing else may be imported by anybody. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'exit-code.ts': [],
  'errors.ts': ['exit-code.ts'],
  'model.ts': [],
  'secret.ts': ['errors.ts'],
  'context.ts': [],
  'suggest.ts': [],
  'grouped.ts': [],
  plan: ['errors.ts', 'suggest.ts', 'grouped.ts'],
  state: ['plan', 'errors.ts', 'exit-code.ts'],
  config: ['errors.ts', 'secret.ts', 'suggest.ts'],
  manifest: ['model.ts', 'errors.ts', 'suggest.ts'],
  montecarlo: ['model.ts', 'errors.ts', 'grouped.ts'],
  sources: ['model.ts', 'errors.ts', 'secret.ts', 'manifest', 'suggest.ts'],
  flows: ['plan', 'config', 'model.ts', 'errors.ts', 'secret.ts'],
  tasks: [
    ...['plan', 'state', 'flows', 'sources', 'montecarlo', 'manifest'],
    ...['model.ts', 'errors.ts', 'exit-code.ts', 'grouped.ts'],
  ],
  output: ['plan', 'state', 'errors.ts', 'grouped.ts'],
  sandbox: ['errors.ts'],
  demo: ['errors.ts'],
  'registry.ts': ['config', 'sources'],
  build: ['config', 'manifest', 'registry.ts'],
  'index.ts': ['config', 'plan', 'flows', 'output', 'state', 'errors.ts', 'exit-code.ts', 'registry.ts'],
  commands: [
    ...['config', 'plan', 'flows', 'state', 'manifest', 'montecarlo', 'sources', 'tasks', 'output', 'sandbox', 'demo'],
    ...['model.ts', 'errors.ts', 'exit-code.ts', 'context.ts', 'registry.ts', 'secret.ts', 'suggest.ts'],
  ],
  'cli.ts': ['commands', 'context.ts'],
};

/** Only the types, or the named files, of a folder that is otherwise out of reach. */
const ONLY: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  flows: { plan: /^plan\/(types|digest)\.ts$/, config: /^config\/types\.ts$/ },
  output: { state: /^state\/types\.ts$/ },
  tasks: { flows: /^flows\/flow\.ts$/, sources: /^sources\/source\.ts$/ },
  registry: { config: /^config\/types\.ts$/ },
};

/** Libraries that one place alone may know. */
const LIBRARIES: Readonly<Record<string, RegExp>> = {
  yaml: /^config\//,
  ajv: /^(config|build)\//,
  listr2: /^tasks\//,
  rolldown: /^build\//,
  undici: /^montecarlo\//,
  graphql: /^sandbox\//,
  commander: /^commands\//,
  pg: /^sources\/postgres\//,
  'pg-cursor': /^sources\/postgres\//,
  '@electric-sql/pglite': /^demo\//,
  '@electric-sql/pglite-socket': /^demo\//,
};

interface Import {
  readonly from: string;
  /** A path below `src`, or the name of a package. */
  readonly to: string;
  readonly ours: boolean;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

const files = filesBelow(SRC);
const texts = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

function importsOf(file: string): readonly Import[] {
  const found = (texts.get(file) ?? '').matchAll(
    /(?:^(?:import|export)\s(?:[\w\s,*{}$]*?\sfrom\s)?|\bimport\()'([^']+)'/gm,
  );
  return [...found].flatMap(([, name = '']): readonly Import[] => {
    if (name.startsWith('node:') || name.startsWith('#')) return [];
    if (!name.startsWith('.')) {
      const [scope = '', rest] = name.split('/');
      return [{ from: file, to: scope.startsWith('@') ? `${scope}/${rest}` : scope, ours: false }];
    }
    return [{ from: file, to: join(dirname(file), name).replaceAll('\\', '/'), ours: true }];
  });
}

const imports = files.flatMap(importsOf);
const room = (file: string): string => file.split('/')[0] ?? file;

function crossing({ from, to }: Import): string | null {
  if (room(from) === room(to)) return null;
  const allowed = MAY_IMPORT[room(from)];
  if (allowed === undefined) return `${from}: ${room(from)} has no line in the import table`;
  const only = ONLY[room(from)]?.[room(to)];
  const wrong = !allowed.includes(room(to)) || (only !== undefined && !only.test(to));
  return wrong ? `${from} may not import ${to}` : null;
}

describe('the layout of src', () => {
  it('has only imports that the table of directions allows', () => {
    expect(imports.filter(({ ours }) => ours).flatMap((one) => crossing(one) ?? [])).toEqual([]);
  });

  it('lets no source import another, nor the command line be imported', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        (/^sources\/([^/]+)\//.exec(from)?.[1] ?? '-') !== (/^sources\/([^/]+)\//.exec(to)?.[1] ?? '-') &&
        /^sources\/[^/]+\//.test(from) &&
        /^sources\/[^/]+\//.test(to),
    );
    expect(wrong).toEqual([]);
    expect(imports.filter(({ to }) => to === 'cli.ts')).toEqual([]);
  });

  it('lets each library be known in its own place only', () => {
    const outside = imports.filter(({ from, to, ours }) => !ours && !(LIBRARIES[to] ?? /^$/).test(from));
    expect(outside.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('loads drivers and the task tree only when they are needed', () => {
    const early = ['pg', 'pg-cursor', 'listr2', '@electric-sql/pglite', '@electric-sql/pglite-socket'].flatMap((name) =>
      files.filter((file) => new RegExp(`^import (?!type)[^;]*from '${name}'`, 'm').test(texts.get(file) ?? '')),
    );
    expect(early).toEqual([]);
  });

  it('sees the process, its clock and its chance through the context alone', () => {
    const allowed = /^(cli|context)\.ts$|^build\/\w+\.ts$/;
    const words = /(?<![\w.'`])(?:console\.|process\.(?!env\b)|process\.env|Date\.now|Math\.random)/;
    const seen = files.filter((file) => !allowed.test(file) && words.test(code(texts.get(file) ?? '')));
    expect(seen).toEqual([]);
  });

  it('has a line in the registry for each folder of a source, and a folder for each line', () => {
    const folders = readdirSync(join(SRC, 'sources'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
    expect(Object.keys(SOURCE_TYPES).sort()).toEqual(folders);
    expect(Object.keys(SOURCES).sort()).toEqual(folders);
  });

  it('has no file that nobody could read at a sitting', () => {
    const long = files.filter((file) => (texts.get(file) ?? '').split('\n').length > 400);
    expect(long).toEqual([]);
  });
});

/** A file's text without its comments and strings. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/gm, '');
}
