import { Clock } from './clock.ts';
import { ACCOUNT } from './identity.ts';
import { LineageStore } from './lineage-store.ts';
import type { Asset, Key, PushEvents, Query, Rejected, RequestRecord } from './types.ts';

const REQUESTS = 1_000;
const BODIES = 32 * 1024 * 1024;
const BODY = 256 * 1024;
const QUERIES = 500;
const REJECTED = 1_000;

function atMost<T>(items: T[], most: number): void {
  if (items.length > most) items.length = most;
}

/** Everything a sandbox knows. Lists are newest first and bounded, so a long benchmark does not fill the memory. */
export class World {
  readonly clock: Clock;
  readonly resource: string;
  readonly lineage: LineageStore;
  readonly keys = new Map<string, Key>();
  /** By `resource/database:schema.table`. */
  readonly assets = new Map<string, Asset>();
  readonly queries: Query[] = [];
  /** How many queries came in, by resource and statement text; for the counts that GraphQL reads back. */
  readonly queryCounts = new Map<string, { resource: string; query: Query; count: number }>();
  readonly requests: RequestRecord[] = [];
  readonly rejected: Rejected[] = [];
  /** By `resource/PUSH_EVENT_TYPE`. */
  readonly pushEvents = new Map<string, PushEvents>();
  readonly resources = new Map<string, { readonly name: string; readonly type: string }>();
  readonly properties = new Map<string, Map<string, string>>();
  readonly account = ACCOUNT;
  /** Called for each key that is made, so that it can be kept. */
  onKey: (key: Key) => void = () => undefined;
  #bodies = 0;

  constructor(options: { readonly now: () => number; readonly resource: string }) {
    this.clock = new Clock(options.now);
    this.resource = options.resource;
    this.lineage = new LineageStore(this.clock, options.resource);
    this.resources.set(options.resource, { name: 'sandbox', type: 'snowflake' });
  }

  record(request: RequestRecord): void {
    const { body, ...rest } = request;
    const kept = body !== undefined && body.length <= BODY;
    this.requests.unshift(kept ? request : rest);
    if (kept) this.#bodies += body.length;
    for (let at = this.requests.length - 1; at > 0 && this.#bodies > BODIES; at -= 1) {
      const old = this.requests[at];
      if (old?.body === undefined) continue;
      this.#bodies -= old.body.length;
      const { body: _gone, ...bare } = old;
      this.requests[at] = bare;
    }
    if (this.requests.length > REQUESTS) this.#bodies -= this.requests.pop()?.body?.length ?? 0;
  }

  reject(what: Rejected): void {
    this.rejected.unshift(what);
    atMost(this.rejected, REJECTED);
  }

  addQuery(query: Query): void {
    this.queries.unshift(query);
    atMost(this.queries, QUERIES);
    const key = `${query.resource}\n${query.query_text}`;
    const known = this.queryCounts.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.query = query;
    } else if (this.queryCounts.size < 10_000) this.queryCounts.set(key, { resource: query.resource, query, count: 1 });
  }

  addKey(key: Key): void {
    this.keys.set(key.id, key);
    this.onKey(key);
  }

  /** Forgets what came in; keys and the clock stay. */
  clear(): void {
    this.lineage.clear();
    for (const map of [this.assets, this.queryCounts, this.pushEvents, this.properties]) map.clear();
    for (const items of [this.queries, this.requests, this.rejected]) items.length = 0;
    this.#bodies = 0;
  }
}
