import { createHash } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';
import { checkSameTables } from './check-flows.ts';
import type { Fault } from './fault.ts';
import type { LoadedFile } from './files.ts';
import { type Entry, entries, isMap, items, own, ownText } from './raw.ts';
import type { ReferenceWorld } from './references.ts';
import { resolveEdges } from './resolve-edges.ts';
import { resolveFlows } from './resolve-flows.ts';
import { checkDefaults } from './resolve-lineage.ts';
import { resolveNodes } from './resolve-nodes.ts';
import { defaultResource, resolveResources, resolveSources } from './resolve-sources.ts';
import { refuseInNames, refuseReferences, resolveValue } from './resolve-value.ts';
import { didYouMean } from './suggest.ts';
import type { Config, SourceType } from './types.ts';
import { LOG_TYPES } from './vocabulary.ts';

/** What resolving the files needs to know of the world. */
export interface ResolveOptions {
  readonly world: ReferenceWorld;
  readonly sourceTypes: Readonly<Record<string, SourceType>>;
  readonly secrets: 'check' | 'defer';
  readonly now: number | undefined;
}

const WITH_REFERENCES = ['resources', 'sources', 'state', 'include'];

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}

/** sha256 over what the files say, whatever their layout, comments and order of keys. */
function digest(files: readonly LoadedFile[]): string {
  const contents = files.map((file) => JSON.stringify(canonical(file.document.data))).sort();
  return createHash('sha256').update(contents.join('\n')).digest('hex');
}

function logTypes(files: readonly LoadedFile[], sourceTypes: ResolveOptions['sourceTypes']): Record<string, string> {
  const found: Record<string, string> = {};
  for (const file of files) {
    const map = own(file.document.data, 'log_types');
    for (const type of isMap(map) ? Object.keys(map) : []) {
      const value = ownText(map, type);
      if (value === undefined) continue;
      const path = ['log_types', type];
      if (!LOG_TYPES.includes(value)) {
        const fix = value === 'hive' ? 'Hive is hive-s3' : (didYouMean(value, LOG_TYPES) ?? 'take a documented value');
        file.faults.push({ code: 'MCI206', message: `log_type ${value} is not one that Monte Carlo takes`, path, fix });
      }
      if (!Object.hasOwn(sourceTypes, type) && !LOG_TYPES.includes(type)) {
        const near = didYouMean(type, Object.keys(sourceTypes));
        const fault: Fault = {
          code: 'MCI206',
          severity: 'warning',
          message: `there is no kind of source ${type}`,
          path,
          at: 'key',
        };
        file.faults.push(near === undefined ? fault : { ...fault, fix: near });
      }
      found[type] = value;
    }
  }
  return found;
}

function state(root: LoadedFile, options: ResolveOptions): Config['state'] {
  const raw = own(root.document.data, 'state');
  const entry: Entry = { name: 'state', raw: isMap(raw) ? raw : {}, file: root, path: ['state'] };
  const resolving = { world: options.world, secrets: options.secrets };
  const path = resolveValue(own(raw, 'path') ?? null, {}, { entry, steps: ['path'], resolving });
  const given = typeof path === 'string' && path !== '' ? path : '.mc-ingest/state.json';
  return { backend: 'file', path: resolvePath(options.world.dir, given) };
}

function lineage(
  files: readonly LoadedFile[],
  options: ResolveOptions,
  found: { resources: ReturnType<typeof resolveResources>; names: readonly string[] },
) {
  const [root] = files;
  const section = (file: LoadedFile | undefined, key: string): unknown => own(own(file?.document.data, 'lineage'), key);
  const shared = section(root, 'defaults');
  const context = { resources: found.resources, declaredResources: found.names, now: options.now };
  for (const file of files) checkDefaults(file, context);
  const merged = new Map(
    files.map((file) => {
      const local = section(file, 'defaults');
      return [file, { ...(isMap(shared) ? shared : {}), ...(isMap(local) ? local : {}) }] as const;
    }),
  );
  const nodes = resolveNodes(entries(files, 'lineage', 'nodes'), {
    ...context,
    project: ownText(root?.document.data, 'project') ?? '',
    mark: section(root, 'mark') !== false,
    defaults: (entry) => merged.get(entry.file),
  });
  const edges = resolveEdges(items(files, 'lineage', 'edges'), {
    ...context,
    nodes,
    defaults: (file) => merged.get(file),
  });
  return { nodes: [...nodes.values()].map(({ node }) => node), edges };
}

/** What the file itself says for all of them: in an included file it would be overheard. */
function checkIncluded(file: LoadedFile, root: LoadedFile): void {
  const said = (path: readonly string[]): unknown => path.reduce<unknown>(own, file.document.data);
  for (const path of [['project'], ['state'], ['lineage', 'mark']]) {
    const value = said(path);
    if (value === undefined || value === path.reduce<unknown>(own, root.document.data)) continue;
    const message = `${path.join('.')} belongs into ${root.document.file}`;
    file.faults.push({ code: 'MCI122', message, path, at: 'key', fix: `move it to ${root.document.file}` });
  }
}

function moved(files: readonly LoadedFile[]): Config['moved'] {
  return items(files, 'moved').flatMap(({ raw }) => {
    const [from, to] = [ownText(raw, 'from'), ownText(raw, 'to')];
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
}

function removed(files: readonly LoadedFile[]): readonly string[] {
  return items(files, 'removed').flatMap(({ raw }) => (typeof raw === 'string' ? raw : (ownText(raw, 'key') ?? [])));
}

/** Everything the files say, resolved; what is wrong goes to the faults of the files. The first file is the root. */
export function resolveFiles(
  files: readonly LoadedFile[],
  options: ResolveOptions,
): Omit<Config, 'file' | 'dir' | 'warnings'> {
  const [root] = files;
  if (root === undefined) throw new Error('no file was read');
  for (const file of files) {
    // Without `${` and without escapes that could spell it there is nothing to look for in a file of 100,000 items.
    if (!/\$\{|\\/.test(file.document.text)) continue;
    for (const key of isMap(file.document.data) ? Object.keys(file.document.data) : [])
      if (!WITH_REFERENCES.includes(key)) refuseReferences(own(file.document.data, key), [key], file.faults);
      else refuseInNames(own(file.document.data, key), key, file.faults);
  }
  for (const file of files.slice(1)) checkIncluded(file, root);
  const resolving = { world: options.world, secrets: options.secrets };
  const declared = entries(files, 'resources');
  const resources = resolveResources(declared, resolving);
  const names = [...declared.keys()];
  const fallback = defaultResource(resources, names.length, options.world);
  const sourceEntries = entries(files, 'sources');
  const sources = resolveSources(sourceEntries, {
    resources,
    declared: names,
    fallback,
    types: options.sourceTypes,
    resolving,
  });
  const named = new Set(
    [...sourceEntries].filter(([, entry]) => own(entry.raw, 'resource') !== undefined).map(([name]) => name),
  );
  const flowEntries = entries(files, 'flows');
  const types = options.sourceTypes;
  const flows = resolveFlows(flowEntries, { sources, types, logTypes: logTypes(files, types), named, resolving });
  checkSameTables(flows, flowEntries);
  return {
    digest: digest(files),
    project: ownText(root.document.data, 'project') ?? '',
    state: state(root, options),
    resources: [...resources.values()],
    sources: [...sources.values()],
    flows,
    ...lineage(files, options, { resources, names }),
    moved: moved(files),
    removed: removed(files),
  };
}
