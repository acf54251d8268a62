import { McIngestError } from '../errors.ts';
import { nearest } from '../suggest.ts';
import type { AppliedItem, DesiredItem, ItemKey } from './types.ts';

interface Known {
  readonly desired: readonly DesiredItem[];
  readonly items: Readonly<Record<string, AppliedItem>>;
}

interface Candidate {
  readonly key: ItemKey;
  readonly needs: readonly ItemKey[];
  readonly tags: readonly string[];
  readonly source: string | null;
}

/** What can be picked, and who needs whom. */
interface Field {
  readonly all: readonly Candidate[];
  readonly byKey: ReadonlyMap<string, Candidate>;
  readonly neededBy: () => ReadonlyMap<ItemKey, readonly ItemKey[]>;
}

/** `*` for any text and `?` for one character; everything else is itself. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}

function candidates({ desired, items }: Known): readonly Candidate[] {
  const found = new Map<ItemKey, Candidate>();
  for (const item of [...Object.values(items), ...desired])
    found.set(item.key, {
      key: item.key,
      needs: 'needs' in item ? item.needs : [],
      tags: item.tags ?? [],
      source: item.kind === 'flow' ? item.spec.source : null,
    });
  return [...found.values()];
}

function needers(all: readonly Candidate[]): ReadonlyMap<ItemKey, readonly ItemKey[]> {
  const found = new Map<ItemKey, ItemKey[]>();
  for (const { key, needs } of all)
    for (const need of needs) {
      const list = found.get(need);
      if (list === undefined) found.set(need, [key]);
      else list.push(key);
    }
  return found;
}

function fieldOf(known: Known): Field {
  const all = candidates(known);
  let neededBy: ReadonlyMap<ItemKey, readonly ItemKey[]> | undefined;
  return {
    all,
    byKey: new Map(all.map((candidate) => [candidate.key, candidate])),
    neededBy: () => {
      neededBy ??= needers(all);
      return neededBy;
    },
  };
}

/** Whether a candidate fits a pattern: `tag:` and `source:` look at those, all others at the key or the bare name. */
function fitter(pattern: string): (candidate: Candidate) => boolean {
  const [, method, value] = /^(tag|source):(.*)$/s.exec(pattern) ?? [];
  const shape = glob(value ?? pattern);
  if (method === 'tag') return ({ tags }) => tags.some((tag) => shape.test(tag));
  if (method === 'source') return ({ source }) => source !== null && shape.test(source);
  return ({ key }) => shape.test(key) || shape.test(key.slice(key.indexOf(':') + 1));
}

/** The keys that are reached from `start` by `next`, `start` among them. */
function reach(start: ReadonlySet<ItemKey>, next: (key: ItemKey) => readonly ItemKey[]): ReadonlySet<ItemKey> {
  const found = new Set(start);
  const open = [...start];
  for (let key = open.pop(); key !== undefined; key = open.pop())
    for (const other of next(key))
      if (!found.has(other)) {
        found.add(other);
        open.push(other);
      }
  return found;
}

function matches(word: string, field: Field): ReadonlySet<ItemKey> {
  const { all, byKey, neededBy } = field;
  const exact = byKey.get(word);
  if (exact !== undefined) return new Set([exact.key]);
  const before = word.startsWith('+');
  const after = word.endsWith('+') && word.length > 1;
  const fits = fitter(word.slice(before ? 1 : 0, after ? -1 : undefined));
  const direct = new Set(all.filter(fits).map(({ key }) => key));
  if (direct.size === 0) throw nothing(word, all);
  const found = new Set(direct);
  // What is needed need not be there: an edge of the state may name a node that is gone.
  if (before) for (const key of reach(direct, (of) => byKey.get(of)?.needs ?? [])) if (byKey.has(key)) found.add(key);
  if (after) for (const key of reach(direct, (of) => neededBy().get(of) ?? [])) found.add(key);
  return found;
}

/** The item whose name is nearest to what was typed, unless none is near. */
function nearestItem(word: string, all: readonly Candidate[]): ItemKey | undefined {
  const byName = new Map(all.map(({ key }) => [key.slice(key.indexOf(':') + 1), key]));
  return byName.get(nearest(word.replace(/^\+|\+$/g, '').replace(/^[a-z]+:/, ''), byName.keys()) ?? '');
}

function nothing(word: string, all: readonly Candidate[]): McIngestError {
  const near = nearestItem(word, all);
  return new McIngestError('MCI310', 'usage', `${word === '' ? 'an empty pattern' : word} matches nothing`, {
    fix: near === undefined ? 'mc-ingest state list and the file show what there is' : `did you mean ${near}?`,
  });
}

function union(words: readonly string[], field: Field): ReadonlySet<ItemKey> {
  const found = new Set<ItemKey>();
  for (const word of words) {
    // A key may hold a comma itself.
    const parts = field.byKey.has(word) ? [word] : word.split(',');
    const [first, ...rest] = parts.map((part) => matches(part, field));
    for (const key of first ?? []) if (rest.every((other) => other.has(key))) found.add(key);
  }
  return found;
}

/**
 * The keys that `--select` and `--exclude` leave. Several patterns add up, `a,b` takes what both fit, `+x` adds what x
 * needs and `x+` what needs x. Throws MCI310 (exit 64) when a pattern matches nothing.
 */
export function select(
  known: Known,
  { select: wanted, exclude }: { readonly select: readonly string[]; readonly exclude: readonly string[] },
): ReadonlySet<string> {
  const field = fieldOf(known);
  const chosen = wanted.length === 0 ? new Set(field.all.map(({ key }) => key)) : union(wanted, field);
  const dropped = union(exclude, field);
  return new Set([...chosen].filter((key) => !dropped.has(key)));
}
