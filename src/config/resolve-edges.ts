import { fixedTime } from './expire-at.ts';
import type { LoadedFile } from './files.ts';
import type { Path } from './place.ts';
import { isMap, own, ownText, type RawMap, report } from './raw.ts';
import {
  type Declared,
  type LineageContext,
  labels,
  resolveExpireAt,
  resourceFields,
  tableId,
} from './resolve-lineage.ts';
import type { ResolvedNode } from './resolve-nodes.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { EdgeConfig, EndConfig } from './types.ts';

interface EdgeContext extends LineageContext {
  readonly nodes: ReadonlyMap<string, ResolvedNode>;
  readonly defaults: (file: LoadedFile) => unknown;
}

type Side = 'from' | 'to';

/** A name as messages show it. */
function short(name: string): string {
  return name.length > 80 ? `${name.slice(0, 79)}…` : name;
}

function nodeEnd(name: string, side: Side, item: Declared, context: EdgeContext): EndConfig | null {
  const found = context.nodes.get(name)?.node;
  if (found === undefined) {
    // Looking through all nodes for each of 100,000 broken edges would take minutes.
    const near = item.file.faults.length < 100 ? nearest(name, context.nodes.keys()) : undefined;
    const known = context.nodes.size > 20 ? [] : [...context.nodes.keys()];
    const fix =
      (near === undefined ? didYouMean(name, known) : `did you mean ${near}?`) ??
      'declare it under lineage.nodes, or name a { table: … }';
    report(item, { code: 'MCI205', message: `there is no node ${short(name)}`, fix }, side);
    return null;
  }
  const { objectType, objectId, resourceId, resourceName } = found;
  return {
    node: name,
    objectType,
    objectId,
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(resourceName === undefined ? {} : { resourceName }),
  };
}

function objectEnd(raw: RawMap, side: Side, item: Declared, context: EdgeContext): EndConfig | null {
  const end: Declared = { raw, file: item.file, path: [...item.path, side], defaults: item.defaults };
  const table = ownText(raw, 'table');
  const objectType = table === undefined ? ownText(raw, 'objectType') : 'table';
  const given = table ?? ownText(raw, 'objectId');
  if (objectType === undefined || given === undefined) return null;
  const isTable = objectType === 'table';
  const objectId = isTable ? tableId(given) : given;
  const loose = isTable && table === undefined && !given.includes(':');
  if (objectId === null || loose) {
    const fix = objectId === null ? 'write database:schema.table or DATABASE.SCHEMA.TABLE' : `objectId: "${objectId}"`;
    const message = 'a table is written database:schema.table';
    report(end, { code: 'MCI211', message, fix }, table === undefined ? 'objectId' : 'table');
    return null;
  }
  return { objectType, objectId, ...resourceFields(end, context) };
}

function resolveEnd(side: Side, item: Declared, context: EdgeContext): EndConfig | null {
  const raw = own(item.raw, side);
  if (typeof raw === 'string') return nodeEnd(raw, side, item, context);
  return isMap(raw) ? objectEnd(raw, side, item, context) : null;
}

/** What the key of an edge calls its end: the node's name, or what identifies the object. */
function endName(end: EndConfig): string {
  return end.node ?? `${end.objectType}:${end.objectId}`;
}

function checkOutlives(edge: EdgeConfig, item: Declared, context: EdgeContext): void {
  const until = edge.expireAt === '' ? null : fixedTime(edge.expireAt);
  if (until === null) return;
  for (const end of [edge.from, edge.to]) {
    const found = end.node === undefined ? undefined : context.nodes.get(end.node);
    const lapses = found === undefined || found.node.expireAt === '' ? null : fixedTime(found.node.expireAt);
    if (found === undefined || lapses === null || lapses >= until) continue;
    const date = found.node.expireAt.slice(0, 10);
    const place = found.node.origin;
    const where = place.file === item.file.document.file ? `line ${place.line}` : `${place.file}:${place.line}`;
    report(
      item,
      {
        code: 'MCI204',
        message: 'the edge outlives its end',
        label: `${found.node.key} lapses on ${date} (${where})`,
        fix: `expireAt: ${date} or earlier, or let ${found.node.key} live longer`,
      },
      ...(own(item.raw, 'expireAt') === undefined ? [end === edge.from ? 'from' : 'to'] : ['expireAt']),
    );
    return;
  }
}

function resolveEdge(item: Declared, context: EdgeContext): EdgeConfig | null {
  const [from, to] = [resolveEnd('from', item, context), resolveEnd('to', item, context)];
  const expireAt = resolveExpireAt(item, context);
  if (from === null || to === null) return null;
  const type = own(item.raw, 'edgeType');
  const edge: EdgeConfig = {
    key: `${endName(from)}->${endName(to)}`,
    from,
    to,
    edgeType: type === 'IS_READ_BY' || type === 'MODIFIES' ? type : 'IS_DOWNSTREAM',
    expireAt: expireAt ?? '',
    ...labels(item),
    origin: item.file.document.origin(item.path),
  };
  checkOutlives(edge, item, context);
  return edge;
}

/** The edges of the files; the same ends twice is reported at the second place. */
export function resolveEdges(
  found: readonly { readonly raw: unknown; readonly file: LoadedFile; readonly path: Path }[],
  context: EdgeContext,
): readonly EdgeConfig[] {
  const edges = new Map<string, EdgeConfig>();
  for (const { raw, file, path } of found) {
    if (!isMap(raw)) continue;
    const item: Declared = { raw, file, path, defaults: context.defaults(file) };
    const edge = resolveEdge(item, context);
    if (edge === null) continue;
    const first = edges.get(edge.key);
    if (first === undefined) edges.set(edge.key, edge);
    else
      report(item, {
        code: 'MCI220',
        message: `the edge ${edge.key} is there twice`,
        label: `first in ${first.origin.file}, line ${first.origin.line}`,
        fix: 'remove one',
        at: 'key',
      });
  }
  return [...edges.values()];
}
