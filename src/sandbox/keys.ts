import { isUuid } from './identity.ts';
import { isObject, list } from './shapes.ts';
import type { World } from './world.ts';

/** Why a request may not pass: the status, the words, and which of the five checkpoints this is. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
  readonly checkpoint: 1 | 2 | 3;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Checks the two key headers against a scope. */
export function keyRefusal(world: World, headers: Headers, scope: 'Ingestion' | 'API'): Refusal | null {
  const id = headers['x-mcd-id'];
  const token = headers['x-mcd-token'];
  if (typeof id !== 'string' || typeof token !== 'string')
    return { status: 401, reason: 'the headers x-mcd-id and x-mcd-token are missing', checkpoint: 1 };
  const key = world.keys.get(id);
  if (key === undefined || key.token !== token) return { status: 401, reason: 'the key is not known', checkpoint: 1 };
  if (key.scope !== scope)
    return { status: 403, reason: `a key of scope ${key.scope} may not do this: it needs ${scope}`, checkpoint: 2 };
  return null;
}

/** Checks the resources of a push against a key that is restricted to some. */
export function resourceRefusal(world: World, headers: Headers, body: unknown): Refusal | null {
  const allowed = world.keys.get(String(headers['x-mcd-id']))?.warehouses;
  if (allowed === undefined || !isObject(body)) return null;
  const named = isObject(body['resource'])
    ? [body['resource']['uuid']]
    : list(body['events'])
        .filter(isObject)
        .flatMap((event) => [event['destination'], ...list(event['sources'])])
        .map((ref) => (isObject(ref) ? ref['resource_uuid'] : undefined));
  const foreign = named.find((uuid) => isUuid(uuid) && !allowed.includes(uuid));
  return foreign === undefined
    ? null
    : { status: 403, reason: `the key may not push to ${String(foreign)}`, checkpoint: 3 };
}
