import { COUNT, closed, described, FILLED, FLAG, list, OPEN, oneOf, TEXT } from './schema-words.ts';

/** Statuses of a run or a task run, in the vendor's spelling (pycarlo 0.15.500 refuses any other). */
const STATUS = oneOf(
  'blocked',
  'cancelled',
  'cancelling',
  'deferred',
  'error',
  'fail',
  'failed',
  'in_progress',
  'inactive',
  'partial_success',
  'pass',
  'queued',
  'removed',
  'restarting',
  'scheduled',
  'skipped',
  'success',
  'timed_out',
  'unknown',
  'up_for_reschedule',
  'up_for_retry',
  'upstream_failed',
  'warn',
);
const TRIGGER = oneOf('API', 'BACKFILL', 'CYCLIC', 'EVENT', 'MANUAL', 'RETRY', 'SCHEDULE', 'UPSTREAM');
const NAMES = list(TEXT);
const PROPERTIES = list(closed({ key: TEXT }, { value: TEXT }));

const ASSETS = list(
  closed(
    {
      asset_type: oneOf('DASHBOARD', 'DATASET', 'FILE', 'TABLE', 'TOPIC', 'VIEW'),
      role: oneOf('INPUT', 'OUTPUT'),
    },
    { mcon: TEXT, fully_qualified_name: TEXT },
    {
      anyOf: [
        { required: ['mcon'], properties: { mcon: FILLED } },
        { required: ['fully_qualified_name'], properties: { fully_qualified_name: FILLED } },
      ],
    },
  ),
);

const SCHEDULE = closed(
  { kind: oneOf('cron', 'event', 'interval', 'manual', 'upstream') },
  {
    cron_expression: TEXT,
    interval_seconds: COUNT,
    timezone: TEXT,
    next_run_at: TEXT,
    paused: FLAG,
    upstream_job_source_ids: NAMES,
    event_trigger: OPEN,
    raw: OPEN,
  },
);
const GROUP = closed({ source_id: TEXT }, { name: TEXT, group_type: TEXT, schedule: SCHEDULE, attributes: OPEN });

const OWNER = closed(
  {},
  {
    primary_email: TEXT,
    primary_name: TEXT,
    primary_external_id: TEXT,
    run_as_email: TEXT,
    notification_emails: NAMES,
    team: TEXT,
    raw: OPEN,
  },
);

const TASK = closed(
  { task_source_id: TEXT, name: TEXT },
  {
    description: TEXT,
    task_type: TEXT,
    inputs: ASSETS,
    outputs: ASSETS,
    upstream_task_source_ids: NAMES,
    triggered_job_source_ids: NAMES,
    attributes: OPEN,
  },
);

export const ETL_ASSET = closed({
  etl_asset: closed(
    { job_source_id: described(TEXT, 'The id of the job in its own system.'), name: TEXT },
    {
      group: GROUP,
      description: TEXT,
      folder: TEXT,
      is_paused: FLAG,
      job_url: TEXT,
      schedule: SCHEDULE,
      owner: OWNER,
      properties: PROPERTIES,
      attributes: OPEN,
      inputs: ASSETS,
      outputs: ASSETS,
      tasks: list(TASK),
      triggered_job_source_ids: NAMES,
    },
  ),
});

/** A run, and within it the runs of its tasks, which have the same form. */
const RUN = closed(
  { job_source_id: TEXT, run_source_id: TEXT, status: STATUS, event_time: TEXT },
  {
    job_run_id: TEXT,
    group: GROUP,
    task_source_id: TEXT,
    start_time: TEXT,
    end_time: TEXT,
    expected_end_time: TEXT,
    queued_at: TEXT,
    trigger: TRIGGER,
    triggered_by_run_source_id: TEXT,
    parent_attempt_run_source_id: TEXT,
    attempt_number: { type: 'integer', minimum: 1 },
    backfill_id: TEXT,
    error: closed(
      { message: TEXT },
      {
        code: TEXT,
        retryable: FLAG,
        failure_type: TEXT,
        upstream_failed_task_source_ids: NAMES,
        structured_fields: OPEN,
      },
    ),
    run_url: TEXT,
    task_runs: list({ $ref: '#/$defs/run' }),
    inputs: ASSETS,
    outputs: ASSETS,
    properties: PROPERTIES,
    attributes: OPEN,
  },
);

export const ETL_RUN = { $ref: '#/$defs/run', $defs: { run: RUN } };

const BI_REFERENCES = list(
  closed({ asset_source_id: TEXT }, { relationship_type: oneOf('CONTAINED_IN', 'DERIVES_FROM', 'REFERENCES') }),
);

export const BI_ASSET = closed(
  { asset_source_id: TEXT, name: TEXT, asset_type: TEXT },
  {
    description: TEXT,
    asset_url: TEXT,
    folder: TEXT,
    owner: closed({}, { email: TEXT, name: TEXT, source_id: TEXT }),
    created_time: TEXT,
    last_modified_time: TEXT,
    last_viewed_time: TEXT,
    view_count: COUNT,
    is_certified: FLAG,
    certification_note: TEXT,
    is_archived: FLAG,
    upstream_assets: BI_REFERENCES,
    downstream_assets: BI_REFERENCES,
    inputs: ASSETS,
    properties: PROPERTIES,
    attributes: OPEN,
  },
);
