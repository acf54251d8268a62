import { type Entry, isMap, own, ownText, report } from './raw.ts';
import {
  type Declared,
  type LineageContext,
  labels,
  resolveExpireAt,
  resourceFields,
  tableId,
} from './resolve-lineage.ts';
import type { NodeConfig } from './types.ts';

/** The property by which a node tells whose it is. */
const MARK = 'mc_ingest';

/** A node as resolved, with the entry it came from. */
export interface ResolvedNode {
  readonly node: NodeConfig;
  readonly entry: Entry;
}

interface NodeContext extends LineageContext {
  readonly project: string;
  readonly mark: boolean;
  readonly defaults: (entry: Entry) => unknown;
}

function properties(entry: Entry, context: NodeContext): Readonly<Record<string, string>> {
  const given = own(entry.raw, 'properties');
  const pairs: [string, string][] = [];
  for (const name of isMap(given) ? Object.keys(given) : []) {
    const value = ownText(given, name);
    if (name === MARK)
      report(
        entry,
        {
          code: 'MCI218',
          message: `the property ${MARK} is reserved`,
          at: 'key',
          fix: 'give it another name; lineage.mark: false turns ours off',
        },
        'properties',
        name,
      );
    else if (value !== undefined) pairs.push([name, value]);
  }
  if (context.mark) pairs.push([MARK, `${context.project}/${entry.name}`]);
  return Object.fromEntries(pairs.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function checkTable(entry: Entry, objectType: string, objectId: string): void {
  if (objectType !== 'table' || (objectId.includes(':') && tableId(objectId) !== null)) return;
  const right = tableId(objectId);
  const fix = right === null ? 'write database:schema.table' : `objectId: "${right}"`;
  report(entry, { code: 'MCI211', message: 'the objectId of a table must be database:schema.table', fix }, 'objectId');
}

/** What identifies a node remotely. */
export function identity(item: {
  objectType: string;
  objectId: string;
  resourceId?: string;
  resourceName?: string;
}): string {
  return JSON.stringify([item.objectType, item.objectId, item.resourceId ?? null, item.resourceName ?? null]);
}

/** The nodes of the files, by name; duplicate objects are reported at their second place. */
export function resolveNodes(
  found: ReadonlyMap<string, Entry>,
  context: NodeContext,
): ReadonlyMap<string, ResolvedNode> {
  const nodes = new Map<string, ResolvedNode>();
  const seen = new Map<string, Entry>();
  for (const entry of found.values()) {
    const [objectType, objectId] = [ownText(entry.raw, 'objectType') ?? '', ownText(entry.raw, 'objectId') ?? ''];
    checkTable(entry, objectType, objectId);
    const item: Declared = { raw: entry.raw, file: entry.file, path: entry.path, defaults: context.defaults(entry) };
    const expireAt = resolveExpireAt(item, context);
    const where = resourceFields(item, context);
    const name = ownText(entry.raw, 'name');
    const node: NodeConfig = {
      key: entry.name,
      objectType,
      objectId,
      ...where,
      ...(name === undefined ? {} : { name }),
      properties: properties(entry, context),
      expireAt: expireAt ?? '',
      ...labels(item),
      origin: entry.file.document.origin(entry.path),
    };
    const id = identity(node);
    const first = seen.get(id);
    if (first !== undefined && objectId !== '')
      report(
        entry,
        {
          code: 'MCI203',
          message: `${entry.name} is the same object as ${first.name}`,
          label: `also ${first.name}`,
          fix: 'remove one, or change its objectId',
        },
        'objectId',
      );
    seen.set(id, first ?? entry);
    nodes.set(entry.name, { node, entry });
  }
  return nodes;
}
