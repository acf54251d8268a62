import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Fault } from './fault.ts';
import { FORBIDDEN_KEYS, halfFault } from './forbidden.ts';
import type { Path } from './place.ts';

const MOST_FAULTS = 1_000;

/** A node on the way down, with how it was reached: the path is only written out when there is a fault. */
interface Visit {
  readonly node: unknown;
  readonly step: string | number | null;
  readonly parent: Visit | null;
}

function pathOf(visit: Visit | null): Path {
  const steps: (string | number)[] = [];
  for (let at = visit; at !== null; at = at.parent) if (at.step !== null) steps.push(at.step);
  return steps.reverse();
}

function start(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function checkKey(pair: Pair, visit: Visit, found: { seen: Set<string>; faults: Fault[] }): string | null {
  const { key } = pair;
  const { seen, faults } = found;
  const offset = start(key);
  if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
    faults.push({ code: 'MCI105', message: 'a key must be plain text', offset, path: pathOf(visit) });
    return null;
  }
  const name = String(key.value);
  const place = { offset, path: pathOf({ node: pair, step: name, parent: visit }) };
  if (FORBIDDEN_KEYS.has(name)) faults.push({ code: 'MCI111', message: `the key ${name} is not allowed`, ...place });
  if (seen.has(name)) {
    const fix = 'remove one, or give it another name';
    faults.push({ code: 'MCI106', message: `the key ${name} is there twice`, ...place, fix });
  }
  // `007` is the number 7 to YAML: the item would get another name than the one that was written.
  if (typeof key.value !== 'string' && name !== key.source) {
    const message = `the key ${key.source} would become ${name}`;
    faults.push({ code: 'MCI102', message, ...place, fix: 'put it in quotes' });
  }
  const half = halfFault(name, place);
  if (half !== null) faults.push(half);
  seen.add(name);
  return name;
}

function checkNode(visit: Visit, faults: Fault[]): void {
  const { node } = visit;
  if (!isNode(node) || isAlias(node)) return;
  const place = { offset: start(node), path: pathOf(visit) };
  if (node.tag !== undefined && node.tag !== '!')
    faults.push({ code: 'MCI112', message: 'YAML tags are not taken', ...place, fix: 'remove the tag' });
  const half = isScalar(node) && typeof node.value === 'string' ? halfFault(node.value, place) : null;
  if (half !== null) faults.push(half);
}

/** Duplicate keys, forbidden keys, tags, half characters: one walk over the tree, linear in its size. */
export function checkTree(root: Node | null): Fault[] {
  const faults: Fault[] = [];
  const open: Visit[] = [{ node: root, step: null, parent: null }];
  for (let visit = open.pop(); visit !== undefined && faults.length < MOST_FAULTS; visit = open.pop()) {
    const { node } = visit;
    checkNode(visit, faults);
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const pair of node.items) {
        const step = checkKey(pair, visit, { seen, faults }) ?? '';
        if (isNode(pair.key) && !isScalar(pair.key)) open.push({ node: pair.key, step, parent: visit });
        open.push({ node: pair.value, step, parent: visit });
      }
    } else if (isSeq(node))
      for (const [index, item] of node.items.entries())
        open.push({ node: isPair(item) ? item.value : item, step: index, parent: visit });
  }
  return faults;
}

/** Aliases that stand inside what they repeat, or repeat nothing: such a document has no end, or no beginning. */
export function checkAliases(root: Node | null): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Map<string, { from: number; to: number }>();
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isPair(node)) open.push(node.value ?? null, node.key ?? null);
    if (!isNode(node)) continue;
    if (isAlias(node)) {
      const anchor = anchors.get(node.source);
      const inside = anchor !== undefined && start(node) >= anchor.from && start(node) < anchor.to;
      const what = inside ? `the alias *${node.source} repeats itself` : `there is no anchor &${node.source} before it`;
      if (anchor === undefined || inside)
        faults.push({
          code: 'MCI110',
          message: what,
          offset: start(node),
          fix: inside ? 'write the value out' : `text that begins with * stands in quotes: "*${node.source}"`,
        });
      continue;
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, { from: start(node), to: node.range?.[2] ?? 0 });
    if (isMap(node) || isSeq(node))
      for (let at = node.items.length - 1; at >= 0; at--) open.push(node.items[at] ?? null);
  }
  return faults;
}

/** The first alias of a document, for a problem with all of them. */
export function firstAlias(root: Node | null): number {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isAlias(node)) return start(node);
    if (isPair(node)) open.push(node.value ?? null, node.key ?? null);
    else if (isMap(node) || isSeq(node))
      for (let at = node.items.length - 1; at >= 0; at--) open.push(node.items[at] ?? null);
  }
  return 0;
}

/** What the parser found, in our codes. */
export function syntaxFaults(document: Document.Parsed): Fault[] {
  const found = [...document.errors, ...document.warnings];
  const overflow = found.find((error) => /call stack/.test(error.message));
  if (overflow !== undefined)
    return [{ code: 'MCI109', message: 'nested too deep', offset: overflow.pos[0], fix: 'write it flatter' }];
  return found.slice(0, 20).map((error) => {
    const offset = error.pos[0];
    if (error.code === 'TAG_RESOLVE_FAILED')
      return { code: 'MCI112', message: 'YAML tags are not taken', offset, fix: 'remove the tag' };
    if (error.code === 'MULTIPLE_DOCS')
      return { code: 'MCI105', message: 'a second document starts here', offset, fix: 'write one document a file' };
    return { code: error.code === 'BAD_DIRECTIVE' ? 'MCI112' : 'MCI105', message: sentence(error.message), offset };
  });
}

// The library quotes the source in some messages; what it quotes could be a secret.
function sentence(message: string): string {
  const first = message.split('\n')[0] ?? '';
  return first.replace(/(?<!The ): .*$/, '').replace(/"[^"]{20,}"/g, '"…"');
}
