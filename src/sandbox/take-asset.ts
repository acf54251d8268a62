import { ExactNumber } from './exact.ts';
import { type Fields, isObject, list, text } from './shapes.ts';
import type { Asset, Count } from './types.ts';
import type { World } from './world.ts';

const KEPT_POINTS = 200;

/** A push that was accepted with 202, on its way through the normalizer. */
export interface Accepted {
  readonly path: string;
  readonly body: Fields;
  readonly invocation_id: string;
}

/** `database:schema.table` of an asset's names. */
export const fullId = (ref: Fields): string => `${text(ref['database'])}:${text(ref['schema'])}.${text(ref['name'])}`;

/** The resource of a push, in lower case; null when every asset names its own. */
export function resourceOf(body: Fields): { readonly uuid: string; readonly type: string } | null {
  const { resource } = body;
  if (!isObject(resource)) return null;
  const type = text(resource['resource_type']) ?? text(resource['log_type']) ?? '';
  return { uuid: String(resource['uuid']).toLowerCase(), type };
}

function count(value: unknown): Count | undefined {
  if (value instanceof ExactNumber) return value.text;
  return typeof value === 'number' ? value : undefined;
}

function volumeAt(at: string, volume: unknown): readonly Asset['volume'][number][] {
  if (!isObject(volume)) return [];
  const row_count = count(volume['row_count']);
  const byte_count = count(volume['byte_count']);
  if (row_count === undefined && byte_count === undefined) return [];
  const rows = row_count === undefined ? {} : { row_count };
  return [{ at, ...rows, ...(byte_count === undefined ? {} : { byte_count }) }];
}

function freshnessAt(at: string, freshness: unknown): readonly Asset['freshness'][number][] {
  const last_update_time = isObject(freshness) ? text(freshness['last_update_time']) : undefined;
  return last_update_time === undefined ? [] : [{ at, last_update_time }];
}

function columnsOf(fields: unknown): Asset['fields'] | undefined {
  if (!Array.isArray(fields)) return undefined;
  return fields.filter(isObject).map((field) => {
    const description = text(field['description']);
    const own = { name: String(field['name']), type: String(field['type']) };
    return description === undefined ? own : { ...own, description };
  });
}

function tagsOf(tags: unknown): Asset['tags'] | undefined {
  if (!Array.isArray(tags)) return undefined;
  return tags.filter(isObject).map((tag) => {
    const value = text(tag['value']);
    return value === undefined ? { key: String(tag['key']) } : { key: String(tag['key']), value };
  });
}

/** The texts of a table: what this push does not say stays as it was. */
function wordsOf(metadata: Fields, known: Asset | undefined) {
  const word = (name: 'description' | 'view_query' | 'created_on') => {
    const value = text(metadata[name]) ?? known?.[name];
    return value === undefined ? {} : { [name]: value };
  };
  return { ...word('description'), ...word('view_query'), ...word('created_on') };
}

/** Takes one relational asset: a new table, or the newest facts about a known one. */
export function takeAsset(world: World, { body, invocation_id }: Accepted, event: unknown): void {
  const given = isObject(event) ? event['relational_asset'] : null;
  const metadata = isObject(given) ? given['metadata'] : null;
  const resource = resourceOf(body);
  if (!isObject(given) || !isObject(metadata) || resource === null) return;
  const full_table_id = fullId(metadata);
  const kept = world.assets.get(`${resource.uuid}/${full_table_id}`);
  const known = kept?.deleted_at === undefined ? kept : undefined;
  const type = given['type'] === 'VIEW' ? 'VIEW' : 'TABLE';
  const at = world.clock.iso();
  const end = { objectType: type.toLowerCase(), objectId: full_table_id, resourceId: resource.uuid };
  const mcon = kept?.mcon ?? world.lineage.mcon(end);
  world.setAsset({
    mcon,
    resource: resource.uuid,
    resource_type: resource.type,
    full_table_id,
    type,
    database: String(metadata['database']),
    schema: String(metadata['schema']),
    name: String(metadata['name']),
    ...wordsOf(metadata, known),
    fields: columnsOf(given['fields']) ?? known?.fields ?? [],
    tags: tagsOf(given['tags']) ?? known?.tags ?? [],
    volume: [...(known?.volume ?? []), ...volumeAt(at, given['volume'])].slice(-KEPT_POINTS),
    freshness: [...(known?.freshness ?? []), ...freshnessAt(at, given['freshness'])].slice(-KEPT_POINTS),
    first_seen: known?.first_seen ?? at,
    last_seen: at,
    invocation_id,
    event,
  });
  world.lineage.ensure(mcon);
}

/** Takes a job or a BI asset: a node of its own kind, which lives until it is deleted. */
export function takeNode(world: World, { body, path }: Accepted, event: unknown): void {
  const resource = resourceOf(body);
  if (!isObject(event) || resource === null) return;
  const job = event['etl_asset'];
  const asset = path.includes('/etl/') && isObject(job) ? job : event;
  const object_type = path.includes('/bi/') ? String(asset['asset_type']).toLowerCase() : 'etl_job';
  const object_id = String(asset['asset_source_id'] ?? asset['job_source_id']);
  const mcon = world.lineage.mcon({ objectType: object_type, objectId: object_id, resourceId: resource.uuid });
  const tags = [...list(asset['tags']), ...list(asset['properties'])].filter(isObject);
  const properties = tags.map((tag) => ({ name: String(tag['key']), value: text(tag['value']) ?? '' }));
  const name = text(asset['name']) ?? object_id;
  world.lineage.upsert({
    mcon,
    object_type,
    object_id,
    resource: resource.uuid,
    name,
    custom: false,
    properties,
    expire_at: null,
  });
}
