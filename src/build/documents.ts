/** JSON Schemas of the documents that the commands print and the files they leave, for programs that read them. */

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const WHOLE: Schema = { type: 'integer', minimum: 0 };
const TIME: Schema = { type: 'string', description: 'ISO 8601, with offset.' };
const KEY: Schema = {
  type: 'string',
  description: 'node:NAME, edge:FROM->TO, flow:NAME: the same in plan, run, state, --select and messages.',
};

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** An object whose members may grow: a new member is no new format. */
function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { type: 'object', required: Object.keys(required), properties: { ...required, ...optional } };
}

const ACTIONS = ['create', 'update', 'renew', 'recreate', 'replace', 'delete', 'forget', 'push', 'wait', 'keep'];
const RECEIPT = object(
  {
    endpoint: { enum: ['metadata', 'lineage', 'querylogs', 'etl', 'bi', 'graphql'] },
    invocation_id: { type: ['string', 'null'], description: 'Null: accepted without a handle.' },
    trace_id: TEXT,
    http_status: WHOLE,
    events: WHOLE,
    bytes: WHOLE,
    at: TIME,
  },
  { mcon: TEXT },
);
const RUN_CHANGE = object(
  {
    key: KEY,
    action: TEXT,
    status: { enum: ['done', 'failed', 'unknown', 'skipped', 'waiting'] },
    receipts: list(RECEIPT),
  },
  {
    because: TEXT,
    until: TIME,
    error: object({ code: TEXT, message: TEXT }),
    collected: object({ events: WHOLE, complete: { type: 'boolean' } }, { from: TIME, to: TIME }),
  },
);
const FIELD = object({ path: TEXT, before: {}, after: {} });
const CHANGE = object(
  {
    key: KEY,
    kind: { enum: ['node', 'edge', 'flow', 'table'] },
    action: { enum: ACTIONS },
    reason: { type: 'string', description: 'A stable code: not_in_state, fields_changed, …' },
    reversibility: { enum: ['reversible', 'expires', 'irreversible'] },
  },
  {
    fields: list(FIELD),
    effects: list({ type: 'string', description: 'A sentence.' }),
    needs: list(KEY),
    until: TIME,
    expires_at: TIME,
    mode: { enum: ['full', 'volume_freshness'] },
    moved_from: KEY,
  },
);
const ITEM = object(
  { key: KEY, kind: { enum: ['node', 'edge', 'flow'] }, spec: { type: 'object' }, run: TEXT, applied_at: TIME },
  {
    expires_at: TIME,
    mcon: { type: ['string', 'null'] },
    needs: list(KEY),
    protect: { type: 'boolean' },
    tags: list(TEXT),
    in_doubt: object({ since: TIME, trace_id: TEXT }),
    push: { type: 'object' },
  },
);
/** By the name of the file under `schemas/`; each with a title and what prints or leaves it. */
export const DOCUMENTS: Readonly<Record<string, Schema>> = {
  problems: {
    title: 'What `--format json` prints when an input is wrong or a command fails',
    ...object({
      format: { const: 'mc-ingest.problems/1' },
      problems: list(
        object(
          {
            code: { type: 'string', pattern: '^MCI\\d{3}$' },
            severity: { enum: ['error', 'warning'] },
            message: TEXT,
            file: TEXT,
            line: WHOLE,
            column: WHOLE,
            path: TEXT,
          },
          { fix: TEXT },
        ),
      ),
    }),
  },
  plan: {
    title: 'What `plan --format json` prints and `plan --out` writes',
    ...object(
      {
        format: { const: 'mc-ingest.plan/1' },
        tool: object({ name: TEXT, version: TEXT }),
        now: TIME,
        base: object({
          config_digest: TEXT,
          state: object({ lineage: { type: ['string', 'null'] }, serial: WHOLE }),
        }),
        changes: list(CHANGE),
        summary: { type: 'object', additionalProperties: WHOLE, propertyNames: { enum: ACTIONS } },
        vanishing: list(object({ key: KEY, expires_at: TIME })),
        fingerprint: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
      },
      { project: TEXT, next_run: TIME, guards: list(object({ name: TEXT, message: TEXT, keys: list(KEY) })) },
    ),
  },
  run: {
    title: 'What `apply`, `collect` and `push` print with `--format json`, and each record of `state history`',
    ...object(
      {
        format: { const: 'mc-ingest.run/1' },
        run: TEXT,
        command: TEXT,
        started_at: TIME,
        finished_at: TIME,
        outcome: { enum: ['done', 'partial', 'failed', 'in_doubt', 'interrupted', 'refused'] },
        exit_code: WHOLE,
        changes: list(RUN_CHANGE),
      },
      { plan_fingerprint: TEXT },
    ),
  },
  state: {
    title: 'The state as stored, and what `state show --format json` prints',
    ...object(
      {
        format: { type: 'string', pattern: '^mc-ingest\\.state/\\d+$' },
        project: TEXT,
        lineage: { type: ['string', 'null'] },
        serial: WHOLE,
        items: { type: 'object', additionalProperties: ITEM },
      },
      {
        digest: TEXT,
        saved_at: TIME,
        run: { type: ['string', 'null'] },
        learned: { type: 'object' },
        folded: list(TEXT),
      },
    ),
  },
};
