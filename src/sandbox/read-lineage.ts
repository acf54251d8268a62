import { GraphQLError } from 'graphql';
import { nodeOut } from './node-out.ts';
import type { ColumnEdge } from './types.ts';
import type { World } from './world.ts';

const MOST_BASES = 12;
const LIMIT = 500;

interface Filter {
  readonly values: readonly (string | null)[];
  readonly operator: string;
}

export interface LineageArgs {
  readonly mcon?: string;
  readonly mcons?: readonly string[];
  readonly direction: string;
  readonly hops?: number;
  readonly limit?: number;
  readonly filters?: readonly (Filter | null)[];
}

type Way = 'upstream' | 'downstream';

function wayOf(direction: string): readonly Way[] {
  const word = direction.toLowerCase();
  if (word === 'both') return ['upstream', 'downstream'];
  if (word === 'upstream' || word === 'downstream') return [word];
  throw new GraphQLError(`direction is upstream or downstream, not ${JSON.stringify(direction)}`);
}

interface Walk {
  readonly seen: ReadonlySet<string>;
  readonly flattened: ReadonlyMap<string, readonly string[]>;
}

function walk(
  world: World,
  from: readonly string[],
  { way, hops }: { readonly way: Way; readonly hops: number },
): Walk {
  const seen = new Set(from);
  const flattened = new Map<string, readonly string[]>();
  let front = from;
  for (let hop = 0; hop < hops && front.length > 0; hop += 1) {
    const next: string[] = [];
    for (const at of front) {
      const edges = [...world.lineage[way](at)].filter(([, edge]) => edge.custom || world.shows(edge.since, 'lineage'));
      if (edges.length > 0)
        flattened.set(
          at,
          edges.map(([mcon]) => mcon),
        );
      for (const [mcon] of edges)
        if (!seen.has(mcon)) {
          seen.add(mcon);
          next.push(mcon);
        }
    }
    front = next;
  }
  return { seen, flattened };
}

function allowed(world: World, filters: LineageArgs['filters']): (mcon: string) => boolean {
  return (mcon) => {
    const type = world.lineage.nodes.get(mcon)?.object_type ?? '';
    return (filters ?? []).every(
      (filter) => filter === null || filter.values.includes(type) === (filter.operator === 'INCLUDE'),
    );
  };
}

/** `getTableLineage`: what is around one node, or up to 12. */
export function lineage(world: World, args: LineageArgs) {
  world.lineage.expire();
  const bases = args.mcons ?? (args.mcon === undefined ? [] : [args.mcon]);
  if (bases.length === 0) throw new GraphQLError('mcon or mcons is needed');
  if (bases.length > MOST_BASES) throw new GraphQLError(`at most ${MOST_BASES} MCONs a call`);
  const known = bases.filter((mcon) => world.lineage.nodes.has(mcon));
  const out = (mcon: string) => {
    const node = world.lineage.nodes.get(mcon);
    return node === undefined ? [] : [nodeOut(world, node)];
  };
  const walks = wayOf(args.direction).map((way) => walk(world, known, { way, hops: args.hops ?? 1 }));
  const around = [...new Set(walks.flatMap(({ seen }) => [...seen]))]
    .filter((mcon) => !bases.includes(mcon))
    .filter(allowed(world, args.filters))
    .slice(0, args.limit ?? LIMIT);
  return {
    baseNode: known.flatMap(out)[0] ?? null,
    baseNodes: known.flatMap(out),
    connectedNodes: around.flatMap(out),
    flattenedEdges: walks.flatMap(({ flattened }) =>
      [...flattened].map(([mcon, directlyConnectedMcons]) => ({ mcon, directlyConnectedMcons })),
    ),
  };
}

/** `getTableLineageV2`: everything that can be reached, as nodes and edges. */
export function lineageV2(world: World, args: LineageArgs) {
  const hops = Number.POSITIVE_INFINITY;
  const { baseNodes, connectedNodes } = lineage(world, { ...args, hops });
  const nodes = [...baseNodes, ...connectedNodes];
  const ids = new Map(nodes.map(({ mcon }, index) => [mcon, index]));
  const edges = [...ids].flatMap(([source, sourceId]) =>
    [...world.lineage.downstream(source).keys()].flatMap((destination) => {
      const destinationId = ids.get(destination);
      return destinationId === undefined ? [] : [{ source, destination, sourceId, destinationId, hidden: false }];
    }),
  );
  return { nodes, edges };
}

function shownColumns(world: World): readonly ColumnEdge[] {
  world.lineage.expire();
  return [...world.lineage.columns.values()].filter(({ since }) => world.shows(since, 'columns'));
}

/** `getTableColumnsLineage`: where each column of a table comes from. */
export function columns(world: World, { mcon }: { readonly mcon?: string }) {
  const own = shownColumns(world).filter(({ destination }) => destination === mcon);
  const byColumn = groups(own);
  return {
    mcon,
    displayName: world.lineage.nodes.get(mcon ?? '')?.name ?? null,
    timestamp: own[0]?.since ?? null,
    columnsLineage: [...byColumn].map(([selectedColumn, sources]) => ({
      selectedColumn,
      lineageSources: [...sources].map(([source, names]) => ({
        mcon: source,
        sourceColumns: names.map((columnName) => ({ columnName, columnType: typeOf(world, source, columnName) })),
      })),
    })),
    nonSelectedSourceColumns: [],
  };
}

function groups(own: readonly ColumnEdge[]): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const byColumn = new Map<string, Map<string, string[]>>();
  for (const { column, source, source_column } of own) {
    const sources = byColumn.get(column) ?? new Map<string, string[]>();
    byColumn.set(column, sources.set(source, [...(sources.get(source) ?? []), source_column]));
  }
  return byColumn;
}

function typeOf(world: World, mcon: string, column: string): string | null {
  return world.asset(mcon)?.fields.find(({ name }) => name === column)?.type ?? null;
}

interface DerivedArgs {
  readonly mcon?: string;
  readonly column?: string;
  readonly cursor?: string;
  readonly pageSize?: number;
}

/** `getDerivedTablesPartialLineage`: what derives from a column. */
export function derived(world: World, { mcon, column, cursor, pageSize = 20 }: DerivedArgs) {
  const own = shownColumns(world).filter(({ source, source_column }) => source === mcon && source_column === column);
  const all = [...new Set(own.map(({ destination }) => destination))];
  const start = Number(cursor ?? 0) || 0;
  const page = all.slice(start, start + pageSize);
  const destinations = page.map((destination) => ({
    mcon: destination,
    displayName: world.lineage.nodes.get(destination)?.name ?? null,
    columns: own
      .filter((one) => one.destination === destination)
      .map((one) => ({ columnName: one.column, columnType: typeOf(world, destination, one.column) })),
    sourceColumnUsedAsNonSelected: false,
  }));
  const isLastPage = start + pageSize >= all.length;
  return { mcon, sourceColumn: column, destinations, isLastPage, cursor: isLastPage ? null : String(start + pageSize) };
}
