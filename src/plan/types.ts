/** `node:NAME`, `edge:FROM->TO`, `flow:NAME`: the same in plan, run, state, `--select` and messages. */
export type ItemKey = `node:${string}` | `edge:${string}` | `flow:${string}`;
export type ItemKind = 'node' | 'edge' | 'flow';

/**
 * `expireAt` as the state keeps it: a whole date-time with offset (`2031-05-01T00:00:00+00:00`; never is
 * `9999-12-31T00:00:00+00:00`), or a duration such as `30d`, which is renewed.
 */
export type ExpireAt = string;

/** A custom lineage node, in the API's own spelling. `properties` include the ownership mark, sorted by name. */
export interface NodeSpec {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
  readonly name?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly expireAt: ExpireAt;
}

/** One end of an edge: what identifies a node remotely (`NodeInput`). */
export interface NodeIdentity {
  readonly objectType: string;
  readonly objectId: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
}

export interface EdgeSpec {
  readonly source: NodeIdentity;
  readonly destination: NodeIdentity;
  readonly edgeType: 'IS_DOWNSTREAM' | 'IS_READ_BY' | 'MODIFIES';
  readonly expireAt: ExpireAt;
}

/** A flow's definition as far as it decides what is pushed and when. Times in milliseconds. */
export interface FlowSpec {
  readonly source: string;
  /** A noun of `model.ts`; the planner only compares it. */
  readonly collect: string;
  readonly resource: string;
  /** `resource_type`, or `log_type` for query logs. */
  readonly resource_type: string;
  readonly every: number;
  readonly full_every?: number;
  readonly lag?: number;
  /** Digest of everything else that changes what is collected (source options without secrets, patterns, batch). */
  readonly options: string;
}

interface DesiredCommon {
  readonly needs: readonly ItemKey[];
  readonly tags?: readonly string[];
  readonly protect?: boolean;
}

/** What the file asks for. Edge keys name their ends: `needs` holds the declared nodes among them. */
export type DesiredItem =
  | (DesiredCommon & { readonly kind: 'node'; readonly key: ItemKey; readonly spec: NodeSpec })
  | (DesiredCommon & { readonly kind: 'edge'; readonly key: ItemKey; readonly spec: EdgeSpec })
  | (DesiredCommon & { readonly kind: 'flow'; readonly key: ItemKey; readonly spec: FlowSpec });

interface AppliedCommon {
  readonly applied_at: string;
  readonly run: string;
  readonly protect?: boolean;
  readonly tags?: readonly string[];
  /** Sent, and its fate not known: the next apply settles it. */
  readonly in_doubt?: { readonly since: string; readonly trace_id: string };
}

/** What the last runs left behind. `expires_at` is a whole date-time; `mcon` the remote handle. */
export type AppliedItem =
  | (AppliedCommon & {
      readonly kind: 'node';
      readonly key: ItemKey;
      readonly spec: NodeSpec;
      readonly expires_at: string;
      readonly mcon: string | null;
      /** After a replace: the handle of the old node, still to be deleted. */
      readonly old_mcon?: string;
    })
  | (AppliedCommon & {
      readonly kind: 'edge';
      readonly key: ItemKey;
      readonly spec: EdgeSpec;
      readonly expires_at: string;
      readonly needs: readonly ItemKey[];
      /** After its ends changed: the edge that was there before and is still to be set to expire. */
      readonly old_spec?: EdgeSpec;
    })
  | (AppliedCommon & {
      readonly kind: 'flow';
      readonly key: ItemKey;
      readonly spec: FlowSpec;
      readonly push: PushRecord;
    });

/** What is remembered of a flow's last push. `unfinished`: a run ended with batches unsent, the next apply goes on. */
export interface PushRecord {
  readonly last_pushed_at: string | null;
  readonly last_full_at: string | null;
  readonly events: number;
  readonly requests: number;
  readonly watermark?: string;
  readonly unfinished?: boolean;
  /** `unfinished` because events were refused: the next apply collects anew, for the source may have been mended. */
  readonly anew?: boolean;
  /** Tables seen with a row count, and how many of them were zero: for the guard against a collapse. */
  readonly counted?: { readonly tables: number; readonly zero: number };
  readonly newest_update?: string;
  /** When column lineage that was pushed lapses (10 days). */
  readonly lapses_at?: string;
}

export type Action =
  | 'create'
  | 'update'
  | 'renew'
  | 'recreate'
  | 'replace'
  | 'delete'
  | 'forget'
  | 'push'
  | 'wait'
  | 'keep';
export type Reversibility = 'reversible' | 'expires' | 'irreversible';

export interface FieldChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One row of a plan. `before`/`after` feed apply and are not part of the document. */
export interface Change {
  readonly key: ItemKey;
  readonly kind: ItemKind;
  readonly action: Action;
  readonly reason: string;
  readonly reversibility: Reversibility;
  readonly fields?: readonly FieldChange[];
  readonly effects?: readonly string[];
  readonly needs?: readonly ItemKey[];
  readonly until?: string;
  readonly expires_at?: string;
  /** `push` only: everything, or counts and freshness of what did not change. */
  readonly mode?: 'full' | 'volume_freshness';
  readonly before?: AppliedItem;
  readonly after?: DesiredItem;
  /** The key the item had in the state, where `moved:` renamed it. */
  readonly moved_from?: ItemKey;
  /** `replace` of a node only: the old object lives on as this item (or as an end of it) and must not be deleted. */
  readonly taken_by?: ItemKey;
  /** `push` only: since when it has been due. */
  readonly due_at?: string;
}

/** A change of a node or an edge that the file asks for. */
export type DesiredLineage = Extract<DesiredItem, { readonly kind: 'node' | 'edge' }>;
export type DesiredFlow = Extract<DesiredItem, { readonly kind: 'flow' }>;
export type AppliedNode = Extract<AppliedItem, { readonly kind: 'node' }>;
export type AppliedFlow = Extract<AppliedItem, { readonly kind: 'flow' }>;
export type AppliedEdge = Extract<AppliedItem, { readonly kind: 'edge' }>;

/** A guard that refuses the plan (exit 7) unless `--allow NAME`; `message` holds the numbers. */
export interface Guard {
  readonly name: 'mass-delete' | 'empty' | 'protected' | 'other-project';
  readonly message: string;
  readonly keys: readonly ItemKey[];
}

export interface Plan {
  readonly project: string;
  readonly now: string;
  /** `now` plus the shortest `every` (a day without flows). */
  readonly next_run: string;
  /** The earliest time at which there will be something to do; null: nothing is scheduled. */
  readonly idle_until: string | null;
  readonly base: {
    readonly config_digest: string;
    readonly state: { readonly lineage: string | null; readonly serial: number; readonly saved_at: string | null };
  };
  readonly changes: readonly Change[];
  readonly summary: Readonly<Partial<Record<Action, number>>>;
  readonly vanishing: readonly { readonly key: ItemKey; readonly expires_at: string; readonly because: string }[];
  readonly guards: readonly Guard[];
  readonly fingerprint: string;
}

/** The state as far as the planner needs it. */
export interface KnownState {
  readonly lineage: string | null;
  readonly serial: number;
  readonly saved_at: string | null;
  readonly project: string | null;
  readonly items: Readonly<Record<string, AppliedItem>>;
}

export interface PlanInput {
  readonly project: string;
  readonly config_digest: string;
  readonly desired: readonly DesiredItem[];
  readonly moved: readonly { readonly from: ItemKey; readonly to: ItemKey }[];
  readonly removed: readonly ItemKey[];
  readonly state: KnownState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Keys picked by `--select`/`--exclude`; undefined: all. What is not picked is left out of the plan. */
  readonly selected?: ReadonlySet<string>;
}
