import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isUuid } from './identity.ts';
import { isObject, list } from './shapes.ts';
import type { Key } from './types.ts';
import type { World } from './world.ts';

/** Why a request may not pass: the status, the words, and which of the five checkpoints this is. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
  readonly checkpoint: 1 | 2 | 3;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A key as its maker gets it. The token is shown this once: the world keeps its hash. */
export interface NewKey {
  readonly id: string;
  readonly token: string;
}

export interface KeyWish {
  readonly scope: Key['scope'];
  readonly id?: string | undefined;
  readonly token?: string | undefined;
  /** Empty or absent: no restriction. */
  readonly warehouses?: readonly string[] | undefined;
}

/** Makes a key that works from now on. */
export function makeKey(world: World, { scope, id, token, warehouses = [] }: KeyWish): NewKey {
  const made = { id: id ?? randomBytes(16).toString('hex'), token: token ?? randomBytes(24).toString('base64url') };
  const limits = warehouses.length === 0 ? {} : { warehouses: warehouses.map((uuid) => uuid.toLowerCase()) };
  world.addKey({ id: made.id, hash: hashOf(made.token), scope, ...limits });
  return made;
}

/** Checks the two key headers against a scope. */
export function keyRefusal(world: World, headers: Headers, scope: Key['scope']): Refusal | null {
  const id = headers['x-mcd-id'];
  const token = headers['x-mcd-token'];
  if (typeof id !== 'string' || typeof token !== 'string')
    return { status: 401, reason: 'the headers x-mcd-id and x-mcd-token are missing', checkpoint: 1 };
  const key = world.keys.get(id);
  if (key === undefined || !timingSafeEqual(Buffer.from(key.hash), Buffer.from(hashOf(token))))
    return { status: 401, reason: 'the key is not known', checkpoint: 1 };
  if (key.scope !== scope)
    return { status: 403, reason: `a key of scope ${key.scope} may not do this: it needs ${scope}`, checkpoint: 2 };
  return null;
}

/** The resources a push names: its own, or those of every asset when it has none. */
function named(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { resource } = body;
  if (isObject(resource)) return [resource['uuid']];
  return list(body['events'])
    .filter(isObject)
    .flatMap((event) => [event['destination'], ...list(event['sources'])])
    .map((ref) => (isObject(ref) ? ref['resource_uuid'] : undefined));
}

/** Checks the resources of a push against a key that is restricted to some. */
export function resourceRefusal(world: World, headers: Headers, body: unknown): Refusal | null {
  const allowed = world.keys.get(String(headers['x-mcd-id']))?.warehouses;
  if (allowed === undefined || !isObject(body)) return null;
  const foreign = named(body).find((uuid) => isUuid(uuid) && !allowed.includes(uuid.toLowerCase()));
  return foreign === undefined
    ? null
    : { status: 403, reason: `the key may not push to ${String(foreign)}`, checkpoint: 3 };
}
