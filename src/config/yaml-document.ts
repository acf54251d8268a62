import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { Fault } from './fault.ts';
import { type Locator, lineStarts, looksSecret, type Path, spot } from './place.ts';
import { tooDeepAt } from './yaml-text.ts';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const MOST_ALIASES = 100;
const MOST_FAULTS = 100;

function parse(text: string): Document.Parsed {
  const parsed = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return parsed as Document.Parsed;
}

function start(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function checkKey(pair: Pair, seen: Set<string>, faults: Fault[]): void {
  const { key } = pair;
  const offset = start(key);
  if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
    faults.push({ code: 'MCI105', message: 'a key must be plain text', offset });
    return;
  }
  const name = String(key.value);
  if (FORBIDDEN.has(name)) faults.push({ code: 'MCI111', message: `the key ${name} is not allowed`, offset });
  if (seen.has(name)) {
    const fix = 'remove one, or give it another name';
    faults.push({ code: 'MCI106', message: `the key ${name} is there twice`, offset, fix });
  }
  seen.add(name);
}

/** Duplicate keys, forbidden keys and tags: one walk over the tree, linear in its size. */
function checkTree(root: Node | null): Fault[] {
  const faults: Fault[] = [];
  const open: unknown[] = [root];
  while (open.length > 0 && faults.length < MOST_FAULTS) {
    const node = open.pop();
    if (isPair(node)) open.push(node.key, node.value);
    if (!isNode(node)) continue;
    if (!isAlias(node) && node.tag !== undefined && node.tag !== '!')
      faults.push({ code: 'MCI112', message: 'YAML tags are not taken', offset: start(node), fix: 'remove the tag' });
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const pair of node.items) {
        checkKey(pair, seen, faults);
        open.push(pair.key, pair.value);
      }
    } else if (isSeq(node)) for (const item of node.items) open.push(item);
  }
  return faults;
}

function syntaxFaults(document: Document.Parsed): Fault[] {
  return [...document.errors, ...document.warnings].slice(0, 20).map((error) => ({
    code: error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_DIRECTIVE' ? 'MCI112' : 'MCI105',
    message: error.code === 'TAG_RESOLVE_FAILED' ? 'YAML tags are not taken' : sentence(error.message),
    offset: error.pos[0],
  }));
}

// The library quotes the source in some messages; what it quotes could be a secret.
function sentence(message: string): string {
  const first = message.split('\n')[0] ?? '';
  return first.replace(/: .*$/, '').replace(/"[^"]{20,}"/g, '"…"');
}

/** Parses YAML 1.2 (core schema, dates stay strings) without looking up positions. Never throws. */
export function parseYaml(text: string): { readonly data: unknown; readonly faults: readonly Fault[] } {
  const deep = tooDeepAt(text);
  if (deep !== null) {
    const offset = lineStarts(text)[deep - 1] ?? 0;
    return { data: null, faults: [{ code: 'MCI109', message: 'nested deeper than 64 levels', offset }] };
  }
  try {
    const document = parse(text);
    const faults = syntaxFaults(document);
    if (document.directives?.yaml.version !== undefined && document.directives.yaml.version !== '1.2')
      faults.push({ code: 'MCI112', message: 'YAML 1.1 is not taken', offset: 0, fix: 'remove the %YAML line' });
    faults.push(...checkTree(document.contents));
    // Duplicate keys leave a document that the other checks can still look at.
    if (faults.some((fault) => fault.code !== 'MCI106')) return { data: null, faults };
    return { data: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown, faults };
  } catch (error) {
    // ReferenceError: too many aliases, or an alias inside its own anchor; RangeError: the stack.
    const aliases = error instanceof ReferenceError;
    const code = aliases ? 'MCI110' : 'MCI109';
    const message = aliases ? 'too many aliases' : 'nested too deep';
    return { data: null, faults: [{ code, message, offset: 0, fix: 'write the values out' }] };
  }
}

interface Places {
  child(node: unknown, step: string | number): Pair | Node | undefined;
}

/** Children by key, indexed once a map: a lookup must not read a map of 100,000 entries each time. */
function places(): Places {
  const indexes = new WeakMap<object, Map<string, Pair>>();
  return {
    child: (node, step) => {
      if (isSeq(node)) return node.items[Number(step)] as Node | undefined;
      if (!isMap(node)) return undefined;
      let index = indexes.get(node);
      if (index === undefined) {
        index = new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
        indexes.set(node, index);
      }
      return index.get(String(step));
    },
  };
}

function secretRanges(root: unknown): readonly { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) open.push(...node.items.slice(0, 10_000));
    if (!isMap(node)) continue;
    for (const pair of node.items) {
      const { key, value } = pair;
      open.push(value);
      if (!isScalar(key) || !isNode(value)) continue;
      const texts = isScalar(value) ? [value] : isSeq(value) ? value.items.slice(0, 10_000).filter(isScalar) : [];
      if (texts.some((text) => looksSecret(String(key.value), String(text.value))))
        ranges.push({ from: value.range?.[0] ?? 0, to: value.range?.[1] ?? 0 });
    }
  }
  return ranges;
}

/** Parses once more, for places. Only called when something is to be shown. */
export function locateYaml(text: string): Locator {
  const starts = lineStarts(text);
  const root = tooDeepAt(text) === null ? parse(text).contents : null;
  const { child } = places();
  const secrets = new Set<number>();
  for (const { from, to } of secretRanges(root)) {
    const last = spot(text, starts, { from: to, to }).line;
    for (let line = spot(text, starts, { from, to: from }).line; line <= last; line++) secrets.add(line);
  }
  return {
    find: (path: Path, at) => {
      let node: unknown = root;
      let key: unknown = root;
      for (const step of path) {
        const next = child(node, step);
        if (next === undefined) break;
        key = isPair(next) ? next.key : next;
        node = isPair(next) ? next.value : next;
      }
      const shown =
        at === 'value' && isNode(node) && (isScalar(node) || isAlias(node) || isSeq(key) || key === node) ? node : key;
      const range = isNode(shown) ? shown.range : undefined;
      const from = range?.[0] ?? 0;
      return spot(text, starts, { from, to: isScalar(shown) || isAlias(shown) ? (range?.[1] ?? from) : from + 1 });
    },
    secret: (line) => secrets.has(line),
  };
}
