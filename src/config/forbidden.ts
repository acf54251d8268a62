import type { Fault } from './fault.ts';
import type { Path } from './place.ts';

/** Never keys: they mean something else to JavaScript. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const HALF = /\p{Surrogate}/u;

/** Half of a surrogate pair is no character: it cannot be written to a file or sent as UTF-8. */
export function halfFault(text: string, place: { readonly offset: number; readonly path: Path }): Fault | null {
  if (!HALF.test(text)) return null;
  const message = 'half of a surrogate pair is no character and cannot be sent';
  return { code: 'MCI104', message, ...place, fix: 'write the whole character' };
}

/** A copy without forbidden keys, so that the rest of the file can still be checked. The depth was checked before. */
export function withoutForbidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutForbidden);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !FORBIDDEN_KEYS.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutForbidden(inner)]));
}
