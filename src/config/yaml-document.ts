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
import { withoutForbidden } from './forbidden.ts';
import { type Locator, lineStarts, looksSecret, type Path, secretKey, spot } from './place.ts';
import { checkAliases, checkTree, firstAlias, syntaxFaults } from './yaml-check.ts';
import { tooDeepAt } from './yaml-text.ts';

const MOST_ALIASES = 100;
/** Faults that leave a document which the other checks can still look at. */
const HARMLESS = new Set(['MCI102', 'MCI104', 'MCI106', 'MCI111']);

function parse(text: string): Document.Parsed {
  const parsed = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    // With less, a second document in the file would go unnoticed. Nothing is printed by this call.
    logLevel: 'error',
  });
  return parsed as Document.Parsed;
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
    if (/^%TAG/m.test(text) && Object.keys(document.directives?.tags ?? {}).length > 1)
      faults.push({ code: 'MCI112', message: 'YAML directives are not taken', offset: text.search(/^%TAG/m) });
    if (document.directives?.yaml.version !== undefined && document.directives.yaml.version !== '1.2')
      faults.push({ code: 'MCI112', message: 'YAML 1.1 is not taken', offset: 0, fix: 'remove the %YAML line' });
    faults.push(...checkTree(document.contents), ...(text.includes('*') ? checkAliases(document.contents) : []));
    if (!faults.every((fault) => HARMLESS.has(fault.code))) return { data: null, faults };
    return said(document, faults);
  } catch {
    // RangeError: the stack.
    return { data: null, faults: [{ code: 'MCI109', message: 'nested too deep', offset: 0, fix: 'write it flatter' }] };
  }
}

/** What the document says, with aliases followed; forbidden keys are left out, their fault being reported. */
function said(document: Document.Parsed, faults: Fault[]): { readonly data: unknown; readonly faults: Fault[] } {
  try {
    const data = document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
    return { data: faults.some(({ code }) => code === 'MCI111') ? withoutForbidden(data) : data, faults };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const offset = firstAlias(document.contents);
    faults.push({ code: 'MCI110', message: 'too many aliases', offset, fix: 'write the values out' });
    return { data: null, faults };
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

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangeOf(node: unknown): Range {
  const range = isNode(node) ? node.range : undefined;
  return { from: range?.[0] ?? 0, to: range?.[1] ?? 0 };
}

/** Values that must not be shown; a list or map under a secret key as a whole. */
function secretRanges(root: unknown): readonly Range[] {
  const ranges: Range[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items) open.push(item);
    if (isScalar(node) && looksSecret('', node.value)) ranges.push(rangeOf(node));
    if (!isMap(node)) continue;
    for (const { key, value } of node.items) {
      open.push(value);
      if (!isScalar(key) || !secretKey(String(key.value))) continue;
      if (!isScalar(value) || looksSecret('secret', String(value.value))) ranges.push(rangeOf(value));
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
  const hide = ({ from, to }: Range): void => {
    const last = spot(text, starts, { from: to, to }).line;
    for (let line = spot(text, starts, { from, to: from }).line; line <= last; line++) secrets.add(line);
  };
  for (const range of secretRanges(root)) hide(range);
  const walk = (path: Path): { node: unknown; key: unknown } => {
    let node: unknown = root;
    let key: unknown = root;
    for (const step of path) {
      const next = child(node, step);
      if (next === undefined) break;
      key = isPair(next) ? next.key : next;
      node = isPair(next) ? next.value : next;
    }
    return { node, key };
  };
  return {
    find: (path: Path, at) => {
      const { node, key } = walk(path);
      const shown =
        at === 'value' && isNode(node) && (isScalar(node) || isAlias(node) || isSeq(key) || key === node) ? node : key;
      const { from, to } = rangeOf(shown);
      return spot(text, starts, { from, to: isScalar(shown) || isAlias(shown) ? to : from + 1 });
    },
    hide: (path) => hide(rangeOf(walk(path).node)),
    secret: (line) => secrets.has(line),
  };
}
