import type { Fault } from './fault.ts';
import { scanJson } from './json-text.ts';
import { type Locator, lineStarts, looksSecret, type Path, spot } from './place.ts';
import { DEEPEST } from './yaml-text.ts';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Parses JSON and finds duplicate and forbidden keys and too deep nesting, in linear time. */
export function parseJson(text: string): { readonly data: unknown; readonly faults: readonly Fault[] } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const offset = at === undefined ? text.length : Number(at);
    return { data: null, faults: [{ code: 'MCI105', message: 'this is not valid JSON', offset }] };
  }
  const faults: Fault[] = [];
  const keys: (Set<string> | undefined)[] = [];
  let depth = 0;
  scanJson(text, {
    key: (key, range) => {
      const seen = keys[depth] ?? new Set<string>();
      keys[depth] = seen;
      if (FORBIDDEN.has(key))
        faults.push({ code: 'MCI111', message: `the key ${key} is not allowed`, offset: range.from });
      if (seen.has(key))
        faults.push({
          code: 'MCI106',
          message: `the key ${key} is there twice`,
          offset: range.from,
          fix: 'remove one',
        });
      seen.add(key);
    },
    value: () => {},
    open: (now, offset) => {
      depth = now;
      keys[depth] = undefined;
      if (now <= DEEPEST) return true;
      faults.push({ code: 'MCI109', message: `nested deeper than ${DEEPEST} levels`, offset });
      return false;
    },
    close: () => {
      depth--;
    },
  });
  const usable = faults.every((fault) => fault.code === 'MCI106');
  return { data: usable ? data : null, faults };
}

/** The key a value stands under; an item of a list stands under the key of the list. */
function nameOf(steps: Path): string {
  return String(steps.filter((step) => typeof step === 'string').at(-1));
}

/** Indexes the places of all keys and values. Only made when something is to be shown. */
export function locateJson(text: string): Locator {
  const starts = lineStarts(text);
  const places = new Map<string, { from: number; to: number }>();
  const secretLines = new Set<number>();
  const id = (path: Path, at: 'key' | 'value'): string => `${at}${JSON.stringify(path)}`;
  scanJson(text, {
    key: (_, range, path) => places.set(id(path(), 'key'), range),
    value: (range, path) => {
      const steps = path();
      places.set(id(steps, 'value'), range);
      if (text[range.from] === '"' && looksSecret(nameOf(steps), text.slice(range.from + 1, range.to - 1)))
        secretLines.add(spot(text, starts, range).line);
    },
    open: () => true,
    close: () => {},
  });
  return {
    find: (path, at) => {
      for (let length = path.length; length >= 0; length--) {
        const steps = path.slice(0, length);
        const found = (at === 'key' ? places.get(id(steps, 'key')) : undefined) ?? places.get(id(steps, 'value'));
        if (found !== undefined) return spot(text, starts, found);
      }
      return { line: 1, column: 1, length: 1 };
    },
    secret: (line) => secretLines.has(line),
  };
}
