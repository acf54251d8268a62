import type { Option } from '../secret.ts';
import { type Entry, own, ownText, report } from './raw.ts';
import type { ReferenceWorld } from './references.ts';
import { hasReference, readReference } from './references.ts';
import { type Resolving, resolveValue } from './resolve-value.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { ResourceConfig, SourceConfig, SourceType } from './types.ts';
import { RESOURCE_TYPES } from './vocabulary.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The warehouses of the file. An entry that is wrong is left out, after its problem was reported. */
export function resolveResources(
  found: ReadonlyMap<string, Entry>,
  resolving: Resolving,
): ReadonlyMap<string, ResourceConfig> {
  const resources = new Map<string, ResourceConfig>();
  for (const entry of found.values()) {
    const uuid = resolveValue(own(entry.raw, 'uuid'), {}, { entry, steps: ['uuid'], resolving });
    const type = resolveValue(own(entry.raw, 'resource_type'), {}, { entry, steps: ['resource_type'], resolving });
    if (typeof uuid !== 'string' || typeof type !== 'string') continue;
    if (!UUID.test(uuid))
      report(
        entry,
        {
          code: 'MCI222',
          message: `${entry.name} has no UUID in uuid`,
          fix: 'take it from Monte Carlo: Settings, Integrations',
        },
        'uuid',
      );
    if (!RESOURCE_TYPES.includes(type)) {
      // What a variable holds is not for the log: it may be the wrong variable.
      const shown = hasReference(ownText(entry.raw, 'resource_type') ?? '') ? 'from this reference' : type;
      const near = nearest(type, RESOURCE_TYPES);
      const fix = near === undefined ? 'check it against the connection type of the resource' : `did you mean ${near}?`;
      report(
        entry,
        { code: 'MCI216', severity: 'warning', message: `resource_type ${shown} is not known`, fix },
        'resource_type',
      );
    }
    resources.set(entry.name, { name: entry.name, uuid, resource_type: type });
  }
  return resources;
}

/** The resource of a source that names none: the file's only one, else what MCD_RESOURCE_UUID (or …_FILE) says. */
export function defaultResource(
  resources: ReadonlyMap<string, ResourceConfig>,
  declared: number,
  world: ReferenceWorld,
): ResourceConfig | null {
  const [only] = resources.values();
  if (declared === 1 && only !== undefined) return only;
  const path = world.env['MCD_RESOURCE_UUID_FILE'];
  const read = path === undefined || path === '' ? undefined : readReference({ kind: 'file', path }, world);
  const uuid = (world.env['MCD_RESOURCE_UUID'] || (typeof read === 'string' ? read.trim() : '')) ?? '';
  return UUID.test(uuid) ? { name: 'default', uuid, resource_type: 'transactional-db' } : null;
}

interface SourceContext {
  readonly resources: ReadonlyMap<string, ResourceConfig>;
  readonly declared: readonly string[];
  readonly fallback: ResourceConfig | null;
  readonly types: Readonly<Record<string, SourceType>>;
  readonly resolving: Resolving;
}

function resourceOf(entry: Entry, context: SourceContext): ResourceConfig | null {
  const name = ownText(entry.raw, 'resource');
  if (name === undefined) return context.fallback;
  if (!context.declared.includes(name)) {
    const fix = didYouMean(name, context.declared) ?? 'declare it under resources';
    report(entry, { code: 'MCI202', message: `there is no resource ${name}`, fix }, 'resource');
  }
  return context.resources.get(name) ?? null;
}

/** Puts the source that another one refers to in its place, and gives it that one's resource when it names none. */
function withConnection(source: SourceConfig, entry: Entry, found: Found): SourceConfig {
  const { types, sources } = found;
  const property = Object.hasOwn(types, source.type) ? types[source.type]?.refers : undefined;
  const name = property === undefined ? undefined : ownText(entry.raw, property);
  if (property === undefined || name === undefined) return source;
  const able = [...sources.values()].filter(({ type }) => Object.hasOwn(types, type) && types[type]?.connects === true);
  const other = able.find((candidate) => candidate.name === name);
  if (other === undefined) {
    const names = able.map((candidate) => candidate.name);
    const message = sources.has(name) ? `source ${name} runs no queries` : `there is no source ${name}`;
    report(entry, { code: 'MCI223', message, fix: didYouMean(name, names) ?? 'declare one under sources' }, property);
    return source;
  }
  const named = ownText(entry.raw, 'resource') !== undefined;
  return {
    ...source,
    resource: named ? source.resource : other.resource,
    options: { ...source.options, [property]: { name: other.name, type: other.type, options: other.options } },
  };
}

interface Found {
  readonly types: SourceContext['types'];
  readonly sources: ReadonlyMap<string, SourceConfig>;
}

/** The connections of the file, with references read and secrets closed. */
export function resolveSources(
  found: ReadonlyMap<string, Entry>,
  context: SourceContext,
): ReadonlyMap<string, SourceConfig> {
  const sources = new Map<string, SourceConfig>();
  for (const entry of found.values()) {
    const type = ownText(entry.raw, 'type') ?? '';
    const known = Object.hasOwn(context.types, type) ? context.types[type] : undefined;
    const options: Record<string, Option> = {};
    for (const key of Object.keys(entry.raw)) {
      if (key === 'type' || key === 'resource') continue;
      const schema = known === undefined ? undefined : own(known.properties, key);
      options[key] = resolveValue(entry.raw[key], schema, { entry, steps: [key], resolving: context.resolving });
    }
    const origin = entry.file.document.origin(entry.path);
    sources.set(entry.name, { name: entry.name, type, resource: resourceOf(entry, context), options, origin });
  }
  const before = { types: context.types, sources: new Map(sources) };
  for (const entry of found.values()) {
    const source = sources.get(entry.name);
    if (source !== undefined) sources.set(entry.name, withConnection(source, entry, before));
  }
  return sources;
}
