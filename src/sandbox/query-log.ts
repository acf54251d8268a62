import { createHash } from 'node:crypto';
import { Bounded } from './bounded.ts';
import { epoch } from './shapes.ts';
import type { Query } from './types.ts';

const HOUR = 3_600_000;
const SHOWN = 1_000;
const SHOWN_BYTES = 8 * 1024 * 1024;
const GROUPS = 20_000;
const TEXT = 2_048;

/** The same statement by the same user in one hour, and how often it ran. */
export interface QueryGroup {
  readonly resource: string;
  readonly hash: string;
  readonly hour: number;
  /** When the first of them came in: what decides whether it shows yet. */
  readonly since: string;
  latest: Query;
  first_start: number;
  last_start: number;
  run_ms: number;
  count: number;
}

function cut(query: Query): Query {
  return query.query_text.length > TEXT ? { ...query, query_text: `${query.query_text.slice(0, TEXT)}…` } : query;
}

/** The query logs that came in: the newest as they are, all of them as hourly counts. */
export class QueryLog {
  readonly newest = new Bounded<Query>({
    most: SHOWN,
    heaviest: SHOWN_BYTES,
    weigh: ({ query_text }) => query_text.length + 200,
  });
  readonly groups = new Map<string, QueryGroup>();
  total = 0;

  add(query: Query): void {
    this.total += 1;
    const hash = createHash('sha256').update(query.query_text).digest('hex').slice(0, 32);
    const short = cut(query);
    this.newest.add(short);
    const start = epoch(query.start_time);
    const hour = Math.floor(start / HOUR);
    const key = `${query.resource}\n${hour}\n${query.user ?? ''}\n${hash}`;
    const run_ms = Math.max(0, epoch(query.end_time) - start);
    const known = this.groups.get(key);
    if (known === undefined) {
      const { resource, at } = query;
      const times = { first_start: start, last_start: start, run_ms };
      this.groups.set(key, { resource, hash, hour, since: at, latest: short, ...times, count: 1 });
      if (this.groups.size > GROUPS) this.groups.delete(this.groups.keys().next().value ?? '');
      return;
    }
    known.count += 1;
    known.run_ms += run_ms;
    known.first_start = Math.min(known.first_start, start);
    if (start >= known.last_start) Object.assign(known, { last_start: start, latest: short });
  }

  clear(): void {
    this.newest.clear();
    this.groups.clear();
    this.total = 0;
  }
}
