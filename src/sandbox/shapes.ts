import { ExactNumber } from './exact.ts';
import { isUuid } from './identity.ts';

/** A JSON object as it came in: a number that JavaScript would round is an `ExactNumber`. */
export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Milliseconds of an ISO 8601 time; one without a zone is UTC. */
export function epoch(time: string): number {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(time) || time.length < 11 ? time : `${time}Z`);
}

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(epoch(value));
const isCount = (value: unknown): boolean =>
  value instanceof ExactNumber ? /^-?\d+$/.test(value.text) : typeof value === 'number' && Number.isInteger(value);
const filled = (value: unknown): boolean => typeof value === 'string' && value !== '';

const ENDS: readonly unknown[] = ['TABLE', 'VIEW', 'EXTERNAL', 'WILDCARD_TABLE'];

function assetWrong(event: Fields): string | null {
  const asset = event['relational_asset'];
  if (!isObject(asset)) return 'an event of metadata is {"relational_asset": {…}}';
  if (asset['type'] !== 'TABLE' && asset['type'] !== 'VIEW')
    return `type has to be exactly TABLE or VIEW, not ${JSON.stringify(asset['type'])}`;
  const metadata = asset['metadata'];
  if (!isObject(metadata)) return 'metadata is missing';
  for (const name of ['name', 'database', 'schema']) if (!filled(metadata[name])) return `metadata.${name} is missing`;
  for (const name of ['fields', 'tags'])
    if (asset[name] !== undefined && !Array.isArray(asset[name])) return `${name} has to be a list`;
  for (const tag of list(asset['tags'])) if (!isObject(tag) || !filled(tag['key'])) return 'a tag needs a key';
  for (const field of list(asset['fields']))
    if (!isObject(field) || !filled(field['name']) || typeof field['type'] !== 'string')
      return 'a field needs a name and a type';
  const volume = asset['volume'];
  for (const name of ['row_count', 'byte_count'])
    if (isObject(volume) && volume[name] !== undefined && !isCount(volume[name]))
      return `volume.${name} has to be a whole number`;
  const freshness = asset['freshness'];
  if (isObject(freshness) && !isTime(freshness['last_update_time']))
    return 'freshness.last_update_time has to be an ISO 8601 time';
  return null;
}

function refWrong(ref: unknown, crossed: boolean): string | null {
  if (!isObject(ref)) return 'an asset reference is missing';
  if (!ENDS.includes(ref['type'])) return `type ${JSON.stringify(ref['type'])} of an asset reference`;
  for (const name of ['name', 'database', 'schema'])
    if (!filled(ref[name])) return `${name} of an asset reference is missing`;
  if (crossed && (!isUuid(ref['resource_uuid']) || !filled(ref['resource_type'])))
    return 'without a resource, every asset reference carries resource_uuid and resource_type';
  return null;
}

function lineageWrong(event: Fields, crossed: boolean): string | null {
  if (!Array.isArray(event['sources'])) return 'sources is missing';
  for (const ref of [event['destination'], ...event['sources']]) {
    const wrong = refWrong(ref, crossed);
    if (wrong !== null) return wrong;
  }
  const ids = new Set(event['sources'].map((ref: unknown) => (isObject(ref) ? ref['asset_id'] : undefined)));
  for (const field of list(event['fields'])) {
    if (!isObject(field) || !filled(field['name'])) return 'a field needs a name';
    for (const from of list(field['source_fields']))
      if (!isObject(from) || !filled(from['field_name']) || !ids.has(from['asset_id']))
        return 'a source field has to point at a source by its asset_id';
  }
  return null;
}

/** Which members an event of the job and BI endpoints cannot do without (pycarlo 0.15.500). */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  '/ingest/v1/etl/metadata': ['job_source_id', 'name'],
  '/ingest/v1/etl/runs': ['job_source_id', 'run_source_id', 'status', 'event_time'],
  '/ingest/v1/bi/metadata': ['asset_source_id', 'name', 'asset_type'],
};

function jobWrong(path: string, event: Fields): string | null {
  const asset = path === '/ingest/v1/etl/metadata' ? event['etl_asset'] : event;
  if (!isObject(asset)) return 'an event of ETL metadata is {"etl_asset": {…}}';
  const missing = NEEDED[path]?.find((name) => typeof asset[name] !== 'string');
  return missing === undefined ? null : `${missing} is missing`;
}

function queryWrong(event: Fields): string | null {
  if (!isTime(event['start_time']) || !isTime(event['end_time'])) return 'start_time and end_time are ISO 8601 times';
  return typeof event['query_text'] === 'string' ? null : 'query_text is missing';
}

/** The push endpoints, and the event types that belong to each. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  '/ingest/v1/metadata': ['METADATA'],
  '/ingest/v1/lineage': ['LINEAGE', 'COLUMN_LINEAGE'],
  '/ingest/v1/querylogs': ['QUERY_LOG'],
  '/ingest/v1/etl/metadata': ['ETL_METADATA'],
  '/ingest/v1/etl/runs': ['ETLRUN'],
  '/ingest/v1/bi/metadata': ['BI_METADATA'],
};
const MOST = 100;

/** Whether a path is one of the six push endpoints. */
export const isPush = (path: string): boolean => Object.hasOwn(TYPES, path);

function eventWrong(path: string, event: unknown, crossed: boolean): string | null {
  if (!isObject(event)) return 'an event has to be an object';
  if (path === '/ingest/v1/metadata') return assetWrong(event);
  if (path === '/ingest/v1/lineage') return lineageWrong(event, crossed);
  if (path === '/ingest/v1/querylogs') return queryWrong(event);
  return jobWrong(path, event);
}

/** Why a body is refused with 400, and by which event; null: it is in order. After the vendor's contract. */
export function bodyWrong(path: string, body: unknown): { readonly reason: string; readonly event?: unknown } | null {
  if (!isObject(body)) return { reason: 'the body has to be a JSON object' };
  if (TYPES[path]?.includes(String(body['event_type'])) !== true)
    return { reason: `event_type ${JSON.stringify(body['event_type'])} does not belong to ${path}` };
  const { resource, events } = body;
  if (!Array.isArray(events) || events.length === 0) return { reason: 'at least one event is needed' };
  if (/\/(etl|bi)\//.test(path) && events.length > MOST) return { reason: `at most ${MOST} events a call` };
  const crossed = resource === undefined && path === '/ingest/v1/lineage';
  if (!crossed) {
    if (!isObject(resource) || !isUuid(resource['uuid'])) return { reason: 'resource.uuid has to be a UUID' };
    const name = path === '/ingest/v1/querylogs' ? 'log_type' : 'resource_type';
    if (!filled(resource[name])) return { reason: `resource.${name} is missing` };
  }
  for (const event of events as readonly unknown[]) {
    const reason = eventWrong(path, event, crossed);
    if (reason !== null) return { reason, event };
  }
  return null;
}
