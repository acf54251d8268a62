import { Bounded } from './bounded.ts';
import { Clock } from './clock.ts';
import { ACCOUNT } from './identity.ts';
import { LineageStore } from './lineage-store.ts';
import { QueryLog } from './query-log.ts';
import type { Asset, Key, PushEvents, Rejected, RequestRecord } from './types.ts';

const REQUESTS = 1_000;
const REJECTED = 1_000;
const BODIES = 16 * 1024 * 1024;
/** A body longer than this is counted, not kept. */
const BODY = 256 * 1024;

const MINUTE = 60_000;
/**
 * How long until GraphQL shows what was pushed, in milliseconds: the lower ends of the contract's "When it shows".
 * The control endpoints and the page show it at once.
 */
const SHOWS_AFTER = { metadata: 2 * MINUTE, lineage: 5_000, columns: 3 * MINUTE, queries: 15 * MINUTE } as const;

export interface WorldOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The resource that what names none belongs to. */
  readonly resource: string;
  /** `none`: GraphQL shows what was pushed at once. */
  readonly delays: 'contract' | 'none';
}

/** Everything a sandbox knows. Lists are oldest first and bounded, so a long benchmark does not fill the memory. */
export class World {
  readonly clock: Clock;
  readonly resource: string;
  readonly lineage: LineageStore;
  readonly keys = new Map<string, Key>();
  /** By `resource/database:schema.table`. Deleted ones stay, marked. */
  readonly assets = new Map<string, Asset>();
  /** The key in `assets`, by handle. */
  readonly assetKeys = new Map<string, string>();
  readonly queries = new QueryLog();
  readonly requests = new Bounded<RequestRecord>({
    most: REQUESTS,
    heaviest: BODIES,
    weigh: ({ body }) => (body?.length ?? 0) + 500,
  });
  readonly rejected = new Bounded<Rejected>({ most: REJECTED, heaviest: REJECTED, weigh: () => 1 });
  /** By `resource/PUSH_EVENT_TYPE`. */
  readonly pushEvents = new Map<string, PushEvents>();
  readonly resources = new Map<string, { readonly name: string; readonly type: string }>();
  readonly properties = new Map<string, Map<string, string>>();
  readonly account = ACCOUNT;
  delays: 'contract' | 'none';
  /** Goes up with every change: the page asks again only when it did. */
  version = 0;
  /** Called for each key that is made, so that it can be kept. */
  onKey: (key: Key) => void = () => undefined;

  constructor(options: WorldOptions) {
    this.clock = new Clock(options.now);
    this.resource = options.resource;
    this.delays = options.delays;
    this.lineage = new LineageStore(this.clock, options.resource);
    this.#start();
  }

  #start(): void {
    this.resources.set(this.resource, { name: 'sandbox', type: 'snowflake' });
  }

  /** Whether what came in at a time can be read by GraphQL yet. */
  shows(since: string, what: keyof typeof SHOWS_AFTER): boolean {
    return this.delays === 'none' || Date.parse(since) + SHOWS_AFTER[what] <= this.clock.now();
  }

  record(request: RequestRecord): void {
    const { body, ...rest } = request;
    this.requests.add(body !== undefined && body.length <= BODY ? request : rest);
    this.version += 1;
  }

  addKey(key: Key): void {
    this.keys.set(key.id, key);
    this.onKey(key);
  }

  /** The asset of a handle, deleted ones too. */
  asset(mcon: string | undefined): Asset | undefined {
    return this.assets.get(this.assetKeys.get(mcon ?? '') ?? '');
  }

  setAsset(asset: Asset): void {
    const key = `${asset.resource}/${asset.full_table_id}`;
    this.assets.set(key, asset);
    this.assetKeys.set(asset.mcon, key);
  }

  /** Forgets what came in; keys and the clock stay. */
  clear(): void {
    const { lineage, queries, requests, rejected } = this;
    for (const part of [lineage, queries, requests, rejected]) part.clear();
    for (const map of [this.assets, this.assetKeys, this.pushEvents, this.properties, this.resources]) map.clear();
    this.#start();
    this.version += 1;
  }
}
