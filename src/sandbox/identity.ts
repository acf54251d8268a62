import { createHash } from 'node:crypto';

/** The one account of a sandbox. */
export const ACCOUNT = '00000000-0000-4000-8000-00000000acc0';

/** A UUID made from a text: the same name is the same resource, run after run. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** `MCON++account++resource++type++object id`: the form of Monte Carlo's handles. */
export function mconOf(resource: string, objectType: string, objectId: string): string {
  return `MCON++${ACCOUNT}++${resource}++${objectType}++${objectId}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
