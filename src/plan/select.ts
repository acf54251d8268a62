import { McIngestError } from '../errors.ts';
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

function glob(pattern: string): RegExp {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*');
  return new RegExp(`^${source}$`);
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

function fits({ key, tags, source }: Candidate, pattern: string): boolean {
  const [, method, value] = /^(tag|source):(.*)$/.exec(pattern) ?? [];
  if (value !== undefined)
    return (method === 'tag' ? tags : source === null ? [] : [source]).some((own) => glob(value).test(own));
  return glob(pattern).test(key) || glob(pattern).test(key.slice(key.indexOf(':') + 1));
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

function matches(word: string, all: readonly Candidate[]): ReadonlySet<ItemKey> {
  const before = word.startsWith('+');
  const after = word.endsWith('+');
  const pattern = word.slice(before ? 1 : 0, after ? -1 : undefined);
  const direct = new Set(all.filter((candidate) => fits(candidate, pattern)).map(({ key }) => key));
  if (direct.size === 0) throw nothing(word, all);
  const byKey = new Map(all.map((candidate) => [candidate.key, candidate]));
  const found = new Set(direct);
  if (before) for (const key of reach(direct, (of) => byKey.get(of)?.needs ?? [])) found.add(key);
  if (after)
    for (const key of reach(direct, (of) => all.filter(({ needs }) => needs.includes(of)).map(({ key }) => key)))
      found.add(key);
  return found;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

function nothing(word: string, all: readonly Candidate[]): McIngestError {
  const bare = word.replace(/^\+|\+$/g, '').replace(/^[a-z]+:/, '');
  const near = all
    .map(({ key }) => ({ key, far: distance(bare, key.slice(key.indexOf(':') + 1)) }))
    .filter(({ far }) => far <= Math.max(2, bare.length / 3))
    .sort((a, b) => a.far - b.far)[0];
  return new McIngestError('MCI310', 'usage', `${word} matches nothing`, {
    fix: near === undefined ? 'mc-ingest state list and the file show what there is' : `did you mean ${near.key}?`,
  });
}

function union(words: readonly string[], all: readonly Candidate[]): ReadonlySet<ItemKey> {
  const found = new Set<ItemKey>();
  for (const word of words) {
    const [first, ...rest] = word.split(',').map((part) => matches(part, all));
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
  const all = candidates(known);
  const chosen = wanted.length === 0 ? new Set(all.map(({ key }) => key)) : union(wanted, all);
  const dropped = union(exclude, all);
  return new Set([...chosen].filter((key) => !dropped.has(key)));
}
