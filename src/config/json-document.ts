import type { Fault } from './fault.ts';
import { FORBIDDEN_KEYS, halfFault, withoutForbidden } from './forbidden.ts';
import { jsonErrorAt } from './json-error.ts';
import { scanJson } from './json-text.ts';
import { type Locator, lineStarts, looksSecret, type Path, secretKey, spot } from './place.ts';
import { DEEPEST } from './yaml-text.ts';

const HARMLESS = new Set(['MCI104', 'MCI106', 'MCI111']);
const MOST_FAULTS = 1_000;

/** Parses JSON and finds duplicate and forbidden keys, half characters and too deep nesting, in linear time. */
export function parseJson(text: string): { readonly data: unknown; readonly faults: readonly Fault[] } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { data: null, faults: [{ code: 'MCI105', message: 'this is not valid JSON', offset: jsonErrorAt(text) }] };
  }
  const faults = checkJson(text);
  if (!faults.every((fault) => HARMLESS.has(fault.code))) return { data: null, faults };
  return { data: faults.some(({ code }) => code === 'MCI111') ? withoutForbidden(data) : data, faults };
}

function checkJson(text: string): Fault[] {
  const faults: Fault[] = [];
  const keys: (Set<string> | undefined)[] = [];
  let depth = 0;
  const note = (fault: Fault | null): void => {
    if (fault !== null && faults.length < MOST_FAULTS) faults.push(fault);
  };
  const escaped = (from: number, to: number): boolean => text.slice(from, to).includes('\\u');
  scanJson(text, {
    key: (key, { from, to }, path) => {
      const seen = keys[depth] ?? new Set<string>();
      keys[depth] = seen;
      if (FORBIDDEN_KEYS.has(key))
        note({ code: 'MCI111', message: `the key ${key} is not allowed`, offset: from, path: path() });
      if (seen.has(key)) {
        const fix = 'remove one, or give it another name';
        note({ code: 'MCI106', message: `the key ${key} is there twice`, offset: from, path: path(), fix });
      }
      if (escaped(from, to)) note(halfFault(key, { offset: from, path: path() }));
      seen.add(key);
    },
    value: ({ from, to }, path) => {
      if (text[from] !== '"' || !escaped(from, to)) return;
      note(halfFault(JSON.parse(text.slice(from, to)) as string, { offset: from, path: path() }));
    },
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
  return faults;
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
      const under = steps.some((step) => secretKey(String(step)));
      if (text[range.from] === '"' && looksSecret(under ? 'secret' : '', text.slice(range.from + 1, range.to - 1)))
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
    hide: (path) => {
      const under = id(path, 'value').slice(0, -1);
      for (const [key, range] of places)
        if (key.startsWith(`${under},`) || key === `${under}]`) secretLines.add(spot(text, starts, range).line);
    },
    secret: (line) => secretLines.has(line),
  };
}
