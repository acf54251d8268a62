import type { FieldChange } from './types.ts';

const NONE: readonly FieldChange[] = [];

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(of: Members, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** A name that could be mistaken for a path, or is no word, stands in brackets: `properties["a.b"]`. */
function join(path: string, name: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

function names(a: Members, b: Members): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** Whether two values are equal, found without making anything: most items of a plan are. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  let left = 0;
  for (const name in a) {
    if (!Object.hasOwn(a, name) || a[name] === undefined) continue;
    if (!Object.hasOwn(b, name) || !same(a[name], b[name])) return false;
    left += 1;
  }
  for (const name in b) if (Object.hasOwn(b, name) && b[name] !== undefined) left -= 1;
  return left === 0;
}

/** Field by field: `properties.team  data-eng → platform`. Equal values give nothing; order of keys does not matter. */
export function fieldChanges(before: unknown, after: unknown, path = ''): readonly FieldChange[] {
  if (same(before, after)) return NONE;
  if (isObject(before) && isObject(after))
    return names(before, after).flatMap((name) =>
      fieldChanges(member(before, name), member(after, name), join(path, name)),
    );
  if (Array.isArray(before) && Array.isArray(after) && JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before: before ?? null, after: after ?? null }];
}
