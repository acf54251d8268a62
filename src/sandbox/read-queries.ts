import { GraphQLError } from 'graphql';
import type { QueryGroup } from './query-log.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
const LIMIT = 1_000;
const NAME = '((?:[\\w$]+|"[^"]+"|`[^`]+`|\\[[^\\]]+\\])(?:\\s*\\.\\s*(?:[\\w$]+|"[^"]+"|`[^`]+`|\\[[^\\]]+\\]))*)';
const WRITES = new RegExp(
  `\\b(?:insert\\s+(?:overwrite\\s+)?(?:into\\s+)?(?:table\\s+)?|merge\\s+into\\s+|copy\\s+into\\s+|update\\s+|delete\\s+from\\s+|truncate\\s+(?:table\\s+)?|(?:create|alter|drop)\\s+(?:or\\s+replace\\s+)?(?:temp(?:orary)?\\s+|transient\\s+|external\\s+)?(?:materialized\\s+)?(?:table|view)\\s+(?:if\\s+(?:not\\s+)?exists\\s+)?)${NAME}`,
  'gi',
);
const READS = new RegExp(`\\b(?:from|join|using)\\s+${NAME}`, 'gi');

function lastPart(name: string): string {
  return (name.split('.').at(-1) ?? name)
    .trim()
    .replace(/^["`[]|["`\]]$/g, '')
    .toLowerCase();
}

const namesIn = (pattern: RegExp, sql: string): readonly string[] =>
  [...sql.matchAll(pattern)].map(([, name = '']) => lastPart(name));

/** The sandbox has no SQL parser: a statement writes the tables named after INSERT INTO and the like, and reads those after FROM and JOIN. */
function touches(sql: string, name: string, queryType: string): boolean {
  const written = namesIn(WRITES, sql).includes(name);
  if (queryType === 'write') return written;
  const reads = namesIn(READS, sql.replace(/\bdelete\s+from\b/gi, 'delete'));
  return reads.includes(name);
}

export interface QueriesArgs {
  readonly startTime: string;
  readonly endTime: string;
  readonly mcon: string;
  readonly queryType: string;
  readonly limit: number;
  readonly endCursor?: string;
  readonly user?: string;
  readonly queryCharacters?: number;
}

/** One line of the answer: a statement of one user on one day. */
function merged(groups: readonly QueryGroup[], characters: number) {
  const byDay = new Map<string, QueryGroup>();
  for (const group of groups) {
    const key = `${new Date(group.hour * HOUR).toISOString().slice(0, 10)}\n${group.latest.user ?? ''}\n${group.hash}`;
    const known = byDay.get(key);
    if (known === undefined) byDay.set(key, { ...group });
    else {
      known.count += group.count;
      known.run_ms += group.run_ms;
      if (group.last_start > known.last_start)
        Object.assign(known, { latest: group.latest, last_start: group.last_start });
    }
  }
  return [...byDay].map(([key, { latest, hash, last_start, run_ms, count }]) => ({
    date: key.slice(0, 10),
    groupId: hash,
    queryHash: hash,
    user: latest.user ?? null,
    category: null,
    latestQuery: latest.query_text.slice(0, characters),
    latestQueryId: latest.query_id ?? null,
    latestQueryTimestamp: new Date(last_start).toISOString(),
    count,
    averageRunTime: Math.min(2 ** 31 - 1, Math.round(run_ms / count)),
  }));
}

/** `getAggregatedQueries`: how often the statements that name a table ran, by day and user. */
export function aggregatedQueries(world: World, args: QueriesArgs) {
  if (args.limit < 1 || args.limit > LIMIT) throw new GraphQLError(`limit is 1 to ${LIMIT}`);
  const [, , resource, , id = ''] = args.mcon.split('++');
  const name = lastPart(id.slice(id.indexOf(':') + 1));
  const from = Date.parse(args.startTime);
  const to = Date.parse(args.endTime);
  const found = [...world.queries.groups.values()].filter(
    (group) =>
      group.resource === resource &&
      world.shows(group.since, 'queries') &&
      group.last_start >= from &&
      group.first_start <= to &&
      (args.user === undefined || args.user === group.latest.user) &&
      touches(group.latest.query_text, name, args.queryType),
  );
  const all = merged(found, args.queryCharacters ?? 50);
  const start = Number(args.endCursor ?? 0) || 0;
  const end = start + args.limit;
  const hasNextPage = end < all.length;
  return {
    aggregatedQueries: all.slice(start, end),
    pageInfo: { hasNextPage, endCursor: hasNextPage ? String(end) : null },
  };
}
