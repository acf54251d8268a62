import { type Entry, report } from './raw.ts';
import type { FlowConfig } from './types.ts';

function patterns(flow: FlowConfig, key: 'include' | 'exclude'): readonly string[] {
  const own = flow.options[key] ?? flow.source.options[key];
  return Array.isArray(own) ? own.filter((item): item is string => typeof item === 'string') : [];
}

/** Whether two patterns (`*` for any text) can match the same name. */
function overlap(left: string, right: string): boolean {
  if (left === '' && right === '') return true;
  if (left.startsWith('*')) return overlap(left.slice(1), right) || (right !== '' && overlap(left, right.slice(1)));
  if (right.startsWith('*')) return overlap(right, left);
  return (
    left !== '' &&
    right !== '' &&
    left[0]?.toLowerCase() === right[0]?.toLowerCase() &&
    overlap(left.slice(1), right.slice(1))
  );
}

function segmentsOverlap(left: string, right: string): boolean {
  const [a, b] = [left.split('.'), right.split('.')];
  if (a.length !== b.length || left.length > 300 || right.length > 300) return left === right;
  // More stars than a person writes would take exponential time; they are compared as texts.
  const stars = (text: string): number => text.split('*').length - 1;
  return a.every((part, index) => {
    const other = b[index] ?? '';
    return stars(part) + stars(other) > 4 ? part === other : overlap(part, other);
  });
}

function sameTables(left: FlowConfig, right: FlowConfig): boolean {
  if (left.source.name === right.source.name) {
    const differs = ['include', 'query', 'path', 'paths', 'command'].some(
      (key) => key in left.options || key in right.options,
    );
    if (!differs) return true;
  } else if (left.source.type !== right.source.type) return false;
  const [a, b] = [patterns(left, 'include'), patterns(right, 'include')];
  // Two connections without patterns may be to different databases: not sure, so not said.
  return a.some((one) => b.some((other) => segmentsOverlap(one, other)));
}

/** Two flows that push the same tables to the same resource overwrite each other's hour. Reported at the second. */
export function checkSameTables(flows: readonly FlowConfig[], entries: ReadonlyMap<string, Entry>): void {
  const groups = new Map<string, FlowConfig[]>();
  for (const flow of flows) {
    const id = `${flow.resource.uuid} ${flow.collect}`;
    const group = groups.get(id) ?? [];
    const first = group.length > 200 ? undefined : group.find((other) => sameTables(other, flow));
    const entry = entries.get(flow.name);
    if (first !== undefined && entry !== undefined)
      report(entry, {
        code: 'MCI212',
        message: `${flow.name} pushes the same tables as ${first.name}`,
        label: `${first.name} (line ${first.origin.line}) collects ${flow.collect} for the same resource`,
        fix: 'remove one, or give their sources include patterns that do not overlap',
        at: 'key',
      });
    group.push(flow);
    groups.set(id, group);
  }
}
