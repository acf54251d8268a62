import type { Option } from '../secret.ts';
import type { Fault } from './fault.ts';
import type { Path } from './place.ts';
import { type Entry, isMap, own, type RawMap, report } from './raw.ts';
import {
  forbidden,
  hasReference,
  holdsToken,
  interpolate,
  type ReferenceWorld,
  readReference,
  references,
} from './references.ts';
import { ReferencedSecret } from './secret-reference.ts';

/** What resolving needs besides the value. `check`: a secret that cannot be read is an error now, not when it is used. */
export interface Resolving {
  readonly world: ReferenceWorld;
  readonly secrets: 'check' | 'defer';
}

const REFUSED: Omit<Fault, 'path'> = {
  code: 'MCI118',
  message: 'a reference must not read a Monte Carlo key: it could be sent somewhere with the file',
  fix: 'remove it; mc-ingest takes the keys from the environment by itself',
  secret: true,
};

function textValue(text: string, entry: Entry, steps: Path, resolving: Resolving): string | null {
  if (!hasReference(text)) return text;
  const list = references(text);
  if (list === null) {
    const fix = `write \${NAME}, \${NAME:-default} or \${file:path}`;
    report(entry, { code: 'MCI121', message: 'this is no reference', fix }, ...steps);
    return null;
  }
  if (list.some((reference) => forbidden(reference, resolving.world))) {
    report(entry, REFUSED, ...steps);
    return null;
  }
  const value = interpolate(text, resolving.world);
  if (typeof value !== 'string') {
    report(entry, value, ...steps);
    return null;
  }
  if (!holdsToken(value, resolving.world.env)) return value;
  report(entry, REFUSED, ...steps);
  return null;
}

function secretValue(text: string, entry: Entry, steps: Path, resolving: Resolving): Option {
  const [reference, ...more] = references(text) ?? [];
  const whole = /^\$\{[^}]*\}$/.test(text);
  const literal = reference?.kind === 'env' && reference.fallback !== undefined && reference.fallback !== '';
  if (reference === undefined || more.length > 0 || !whole || literal) {
    const name = String(steps.at(-1));
    const fix = `write ${name}: "\${NAME}" or "\${file:/path}"`;
    report(
      entry,
      { code: 'MCI119', message: `${name} is a secret: it takes a reference only`, fix, secret: true },
      ...steps,
    );
    return null;
  }
  if (forbidden(reference, resolving.world)) {
    report(entry, REFUSED, ...steps);
    return null;
  }
  const read = readReference(reference, resolving.world);
  if (typeof read !== 'string') {
    const severity = resolving.secrets === 'check' ? 'error' : 'warning';
    report(entry, { ...read, severity }, ...steps);
  } else if (holdsToken(read, resolving.world.env)) report(entry, REFUSED, ...steps);
  return new ReferencedSecret(reference, resolving.world, entry.file.document.origin([...entry.path, ...steps]));
}

function converted(value: string | null, schema: RawMap, entry: Entry, steps: Path): Option {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (value === null || !['integer', 'number', 'boolean'].includes(String(type))) return value;
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (type === 'number' && !Number.isNaN(number)) return number;
  if (type === 'integer' && Number.isSafeInteger(number)) return number;
  report(
    entry,
    { code: 'MCI104', message: `${String(steps.at(-1))} must be of type ${String(type)} once its reference is read` },
    ...steps,
  );
  return null;
}

/** A setting with its references read, by the schema of its property; secret ones stay closed. */
export function resolveValue(
  value: unknown,
  schema: unknown,
  at: { entry: Entry; steps: Path; resolving: Resolving },
): Option {
  const { entry, steps, resolving } = at;
  const known = isMap(schema) ? schema : {};
  if (typeof value === 'string') {
    if (known['x-secret'] === true) return secretValue(value, entry, steps, resolving);
    const text = textValue(value, entry, steps, resolving);
    return hasReference(value) ? converted(text, known, entry, steps) : text;
  }
  if (known['x-secret'] === true && value !== null && value !== undefined)
    return secretValue('', entry, steps, resolving);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => resolveValue(item, known['items'], { ...at, steps: [...steps, index] }));
  if (!isMap(value)) return null;
  return Object.fromEntries(
    Object.keys(value).map((key) => {
      const inner = own(known['properties'], key) ?? known['additionalProperties'];
      return [key, resolveValue(value[key], inner, { ...at, steps: [...steps, key] })];
    }),
  );
}

/** Reports every `${` in places where references are not read: in keys too, which are sent as names. */
export function refuseReferences(value: unknown, path: Path, faults: Fault[]): void {
  const open: { value: unknown; path: Path }[] = [{ value, path }];
  const refuse = (where: Path, at: 'key' | 'value'): unknown =>
    faults.push({ code: 'MCI115', message: 'a reference is not allowed here', path: where, at, fix: WHERE });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: here, path: where } = next;
    if (typeof here === 'string' && hasReference(here)) refuse(where, 'value');
    if (typeof here !== 'object' || here === null) continue;
    for (const [key, inner] of Object.entries(here as object)) {
      const step = [...where, Array.isArray(here) ? Number(key) : key];
      if (hasReference(key)) refuse(step, 'key');
      open.push({ value: inner, path: step });
    }
  }
}

const WHERE = 'references are read in values under resources, sources and state only';

/** Names of resources and sources are no values. */
export function refuseInNames(map: unknown, section: string, faults: Fault[]): void {
  for (const name of isMap(map) ? Object.keys(map) : [])
    if (hasReference(name)) refuseReferences({ [name]: null }, [section], faults);
}
