import fc, { type Arbitrary } from 'fast-check';
import { ExactNumber } from '../../../src/manifest/exact-json.ts';

export type Family = 'metadata' | 'lineage' | 'querylogs' | 'etl-metadata' | 'etl-runs' | 'bi-metadata';

/** A push in neutral form: the resource, and events as the SDK's keyword arguments. */
export interface Case {
  readonly family: Family;
  readonly input: Readonly<Record<string, unknown>> & { readonly events: readonly object[] };
}

type Members = Readonly<Record<string, Arbitrary<unknown>>>;

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '',
    'null',
    '[]',
    'a"b\\c/d',
    'tab\tline\r\nnul-ish\u0001\u0000 end',
    '\u2028 Größe 日本語 🚀 €',
    '\ud800',
    '"fields":[{"name":"x"}]',
    '{"start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:00Z"}',
  ),
);
const count = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n, 10n ** 30n),
  fc.bigInt({ min: 0n, max: 2n ** 70n }),
  fc.nat(1000).map(BigInt),
);
const number = fc.oneof(
  count,
  fc.bigInt(-(2n ** 70n), -1n),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => new ExactNumber(floatText(value))),
  fc.constantFrom('0.1', '1.0', '1e3', '1E-7', '-0.0', '1.50', '123456789.123456789', '1e+22').map(exact),
);
const flag = fc.boolean();

function exact(value: string): ExactNumber {
  return new ExactNumber(value);
}

function floatText(value: number): string {
  const printed = Object.is(value, -0) ? '-0.0' : String(value);
  return /[.e]/.test(printed) ? printed : `${printed}.0`;
}

/** Vendors' members: any JSON, nulls and empty lists too, under names that mean something elsewhere. */
const { any } = fc.letrec<{ any: unknown }>((tie) => {
  const key = fc.oneof(
    text,
    fc.constantFrom('fields', 'sources', 'tags', 'start_time', 'end_time', '__proto__', 'toJSON', 'extra', 'events'),
  );
  const object = fc
    .uniqueArray(fc.tuple(key, tie('any')), { maxLength: 4, selector: ([name]) => name })
    .map((members) => Object.fromEntries(members));
  return {
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(null, '2026-01-01T00:00:00Z'),
      fc.oneof(flag, text, number),
      fc.array(tie('any'), { maxLength: 3 }),
      object,
    ),
  };
});
const open = fc.uniqueArray(fc.tuple(text, any), { maxLength: 4, selector: ([name]) => name }).map(Object.fromEntries);

/** Optional members are absent, an explicit null, or there; and the order of all members is any. */
function members(required: Members, optional: Members = {}): Arbitrary<object> {
  const all = Object.fromEntries(
    Object.entries(optional).map(([name, value]) => [name, fc.option(value, { freq: 5, nil: null })]),
  );
  return fc
    .tuple(fc.record({ ...required, ...all }, { requiredKeys: Object.keys(required) as never }), fc.boolean())
    .map(([made, turned]) => Object.fromEntries(turned ? Object.entries(made).reverse() : Object.entries(made)));
}

function some<T>(item: Arbitrary<T>, most = 3): Arbitrary<T[]> {
  return fc.array(item, { maxLength: most });
}

/** One of the values the SDK takes; now and then one it refuses. */
function oneOf(...values: readonly string[]): Arbitrary<string> {
  return fc.oneof(
    { weight: 400, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constantFrom(values[0]?.toLowerCase() ?? '', values[0]?.toUpperCase() ?? '', '', 'x') },
  );
}

const tag = members({ key: text }, { value: text });
const asset = members(
  { type: fc.oneof(fc.constantFrom('TABLE', 'VIEW'), text), metadata: tableMetadata() },
  {
    tags: some(tag),
    fields: some(members({ name: text, type: text }, { description: text })),
    volume: members({}, { row_count: count, byte_count: count }),
    freshness: members({}, { last_update_time: fc.oneof(text, fc.constant('2026-03-01T12:00:00+02:00')) }),
  },
);

function tableMetadata(): Arbitrary<object> {
  return members(
    { name: text, database: text, schema: text },
    { description: text, view_query: text, created_on: text },
  );
}

const OTHER = '22222222-2222-4222-8222-222222222222';
const OWN = { resource_uuid: OTHER, resource_type: 'data-lake' };

function reference(resource: 'own' | 'none'): Arbitrary<object> {
  const base = members(
    { type: fc.constantFrom('TABLE', 'VIEW', 'EXTERNAL', 'WILDCARD_TABLE'), name: text, database: text, schema: text },
    { asset_id: text },
  );
  const half = fc.constantFrom({ resource_uuid: OTHER }, { resource_type: 'snowflake', resource_uuid: null });
  const more = fc.oneof(
    { weight: 200, arbitrary: fc.constant<object>(resource === 'own' ? OWN : {}) },
    { weight: 20, arbitrary: fc.constant({ ...OWN }) },
    { weight: 20, arbitrary: fc.constant({ resource_uuid: null, resource_type: null }) },
    { weight: 1, arbitrary: half },
  );
  return fc.tuple(base, more).map(([made, extra]) => ({ ...made, ...extra }));
}

function lineageEvent(resource: 'own' | 'none'): Arbitrary<object> {
  const field = members({ name: text, source_fields: some(members({ asset_id: text, field_name: text })) });
  return members(
    { destination: reference(resource), sources: some(reference(resource)) },
    { fields: fc.oneof(some(field), fc.constant([])) },
  );
}

const two = (most: number, least = 0) =>
  fc.integer({ min: least, max: most }).map((value) => `${value}`.padStart(2, '0'));
const zone = fc.oneof(
  fc.constantFrom('Z', '', '+00:00', '-05:00', '+05:45', '+1400', '-0930', '+02', '+05:45:30'),
  fc.tuple(fc.constantFrom('+', '-'), two(23), two(59)).map(([sign, hour, minute]) => `${sign}${hour}:${minute}`),
);
const fraction = fc.oneof(
  fc.constantFrom('', '.5', '.000000', '.000001', '.123', '.120', '.1234567', ',25', '.999999999'),
  fc.nat(999_999).map((micros) => `.${`${micros}`.padStart(6, '0')}`),
);
const day = fc.oneof(
  fc.tuple(fc.integer({ min: 1900, max: 2400 }), two(12, 1), two(31, 1)).map((parts) => parts.join('-')),
  fc.constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2024-02-29', '2023-02-29', '2026-04-05'),
);
const clock = fc.oneof(
  fc.tuple(two(23), two(59), two(59)).map((parts) => parts.join(':')),
  fc.tuple(two(3), two(59)).map((parts) => parts.join(':')),
  fc.constantFrom('00:00:00', '02:30:00', '01:59:59', '23:59:59', '24:00:00', '10:60:00', '23:59:60'),
);
const time = fc
  .tuple(day, fc.constantFrom('T', ' ', 't'), clock, fraction, zone)
  .map(([date, mark, wall, part, offset]) => `${date}${mark}${wall}${wall.length === 5 ? '' : part}${offset}`);
const plainTime = fc.constantFrom('2026-03-01T10:00:00Z', '2026-03-01T10:00:05.250000Z', '2026-03-31T10:00:00Z');

const log = members(
  {
    start_time: fc.oneof({ weight: 3, arbitrary: time }, { weight: 7, arbitrary: plainTime }),
    end_time: plainTime,
    query_text: text,
  },
  {
    query_id: text,
    user: text,
    error_code: fc.oneof(text, count, fc.integer().map(BigInt)),
    error_text: text,
    returned_rows: count,
    extra: open,
  },
);

const assetRef = fc
  .tuple(
    members({
      asset_type: oneOf('TABLE', 'FILE', 'VIEW', 'TOPIC', 'DATASET', 'DASHBOARD'),
      role: oneOf('INPUT', 'OUTPUT'),
    }),
    fc.oneof(
      { weight: 200, arbitrary: members({ fully_qualified_name: fc.constant('A.B.C') }, { mcon: text }) },
      { weight: 100, arbitrary: members({ mcon: fc.constant('MCON++a++b++c++d') }, { fully_qualified_name: text }) },
      { weight: 1, arbitrary: members({}, { mcon: fc.constant(''), fully_qualified_name: fc.constant('') }) },
    ),
  )
  .map(([base, name]) => ({ ...base, ...name }));
const ids = some(text);
const schedule = members(
  { kind: oneOf('cron', 'interval', 'event', 'upstream', 'manual') },
  {
    cron_expression: text,
    interval_seconds: count,
    timezone: text,
    next_run_at: text,
    paused: flag,
    event_trigger: open,
    upstream_job_source_ids: ids,
    raw: open,
  },
);
const group = members({ source_id: text }, { name: text, group_type: text, schedule, attributes: open });
const job = members(
  { job_source_id: text, name: text },
  {
    group,
    description: text,
    folder: text,
    is_paused: flag,
    job_url: text,
    schedule,
    owner: members(
      {},
      {
        primary_email: text,
        primary_name: text,
        primary_external_id: text,
        run_as_email: text,
        notification_emails: ids,
        team: text,
        raw: open,
      },
    ),
    properties: some(tag),
    attributes: open,
    inputs: some(assetRef, 2),
    outputs: some(assetRef, 2),
    tasks: some(
      members(
        { task_source_id: text, name: text },
        {
          task_type: text,
          description: text,
          inputs: some(assetRef, 2),
          outputs: some(assetRef, 2),
          upstream_task_source_ids: ids,
          triggered_job_source_ids: ids,
          attributes: open,
        },
      ),
      2,
    ),
    triggered_job_source_ids: ids,
  },
);

const STATUS = [
  ['success', 'failed', 'skipped', 'cancelled', 'cancelling', 'in_progress', 'error', 'timed_out', 'queued', 'blocked'],
  ['inactive', 'restarting', 'up_for_retry', 'up_for_reschedule', 'upstream_failed', 'removed', 'scheduled'],
  ['deferred', 'pass', 'fail', 'warn', 'partial_success', 'unknown'],
].flat();

function run(taskRuns: Arbitrary<object[]>): Arbitrary<object> {
  return members(
    { job_source_id: text, run_source_id: text, status: oneOf(...STATUS), event_time: text },
    {
      job_run_id: text,
      group,
      task_source_id: text,
      start_time: text,
      end_time: text,
      expected_end_time: text,
      queued_at: text,
      trigger: oneOf('SCHEDULE', 'MANUAL', 'API', 'UPSTREAM', 'EVENT', 'CYCLIC', 'BACKFILL', 'RETRY'),
      triggered_by_run_source_id: text,
      parent_attempt_run_source_id: text,
      attempt_number: fc.oneof(
        { weight: 60, arbitrary: fc.integer({ min: 1, max: 9 }) },
        { weight: 1, arbitrary: fc.constantFrom(0, -1) },
      ),
      backfill_id: text,
      error: members(
        { message: text },
        {
          code: text,
          retryable: flag,
          failure_type: text,
          upstream_failed_task_source_ids: ids,
          structured_fields: open,
        },
      ),
      run_url: text,
      task_runs: taskRuns,
      inputs: some(assetRef, 2),
      outputs: some(assetRef, 2),
      properties: some(tag),
      attributes: open,
    },
  );
}

const biRef = members(
  { asset_source_id: text },
  { relationship_type: oneOf('DERIVES_FROM', 'CONTAINED_IN', 'REFERENCES') },
);
const bi = members(
  { asset_source_id: text, name: text, asset_type: text },
  {
    description: text,
    asset_url: text,
    folder: text,
    owner: members({}, { email: text, name: text, source_id: text }),
    created_time: text,
    last_modified_time: text,
    last_viewed_time: text,
    view_count: count,
    is_certified: flag,
    certification_note: text,
    is_archived: flag,
    upstream_assets: some(biRef),
    downstream_assets: some(biRef),
    inputs: some(assetRef, 2),
    properties: some(tag),
    attributes: open,
  },
);

const LOG_TYPES = [
  ['snowflake', 'bigquery', 'databricks', 'databricks-metastore-sql-warehouse', 'redshift', 'hive-s3', 'athena'],
  ['teradata', 'clickhouse', 's3', 'presto-s3'],
].flat();
const uuid = fc.constantFrom('11111111-1111-4111-8111-111111111111', 'AAAAAAAA-1111-4111-8111-BBBBBBBBBBBB');
const withType = { resource_uuid: uuid, resource_type: fc.constantFrom('snowflake', 'data-lake', 'airflow') };

function events(event: Arbitrary<object>): Arbitrary<object[]> {
  return fc.array(misspelt(event), { minLength: 1, maxLength: 4 });
}

/** Now and then a member nobody knows. */
function misspelt(event: Arbitrary<object>): Arbitrary<object> {
  return fc
    .tuple(event, fc.integer({ min: 0, max: 150 }), fc.constantFrom('nmae', 'last_updated_time', 'field', 'metadta'))
    .map(([made, chance, name]) => (chance === 0 ? { ...made, [name]: 'x' } : made));
}

function lineage(): Arbitrary<object> {
  const forced = { event_type: fc.constantFrom('LINEAGE', 'COLUMN_LINEAGE') };
  const head = members({ ...withType, events: events(lineageEvent('none')) }, forced);
  const cross = members(
    { events: events(lineageEvent('own')) },
    { ...forced, resource_uuid: fc.constant(null), resource_type: fc.constant(null) },
  );
  const homeless = members(
    {
      resource_uuid: fc.constant(null),
      resource_type: fc.constantFrom('snowflake', null),
      events: events(lineageEvent('none')),
    },
    forced,
  );
  const halved = members({
    resource_uuid: uuid,
    resource_type: fc.constant(null),
    events: events(lineageEvent('none')),
  });
  return fc.oneof(
    { weight: 30, arbitrary: head },
    { weight: 10, arbitrary: cross },
    { weight: 3, arbitrary: homeless },
    { weight: 1, arbitrary: halved },
  );
}

function inputs(family: Family): Arbitrary<object> {
  switch (family) {
    case 'metadata':
      return members({ ...withType, events: events(asset) });
    case 'lineage':
      return lineage();
    case 'querylogs':
      return members({ resource_uuid: uuid, log_type: fc.constantFrom(...LOG_TYPES), events: events(log) });
    case 'etl-metadata':
      return members({ ...withType, events: events(job), events_repeated: repeats });
    case 'etl-runs': {
      const nested = run(some(run(some(run(fc.constant([])), 1)), 2));
      return members({ ...withType, events: events(nested), events_repeated: repeats }, { event_time: text });
    }
    case 'bi-metadata':
      return members({ ...withType, events: events(bi), events_repeated: repeats });
  }
}

/** Mostly once; now and then about as many as go into one call. */
const repeats = fc.oneof(
  { weight: 30, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constantFrom(20, 25, 33, 50, 100, 101) },
);

/** So many cases of a family, the same for the same seed. */
export function casesOf(
  family: Family,
  { seed, size }: { readonly seed: number; readonly size: number },
): readonly Case[] {
  return fc.sample(inputs(family), { numRuns: size, seed }).map((input) => ({ family, input: input as Case['input'] }));
}
