import type { SchemaError } from '#validators';
import type { Fault } from './fault.ts';
import type { Path } from './place.ts';
import { didYouMean } from './suggest.ts';

type Schema = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

function steps(pointer: string): string[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(root: unknown, pointer: readonly string[]): unknown {
  return pointer.reduce<unknown>(
    (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
    root,
  );
}

/** The path of a finding: indexes of arrays become numbers. */
function dataPath(data: unknown, pointer: string): Path {
  let value = data;
  return steps(pointer).map((step) => {
    const key = Array.isArray(value) ? Number(step) : step;
    value = isObject(value) ? (value as Record<string, unknown>)[step] : undefined;
    return key;
  });
}

interface Finding {
  readonly error: SchemaError;
  readonly path: Path;
  /** The schema that the failing keyword stands in. */
  readonly schema: Schema;
  readonly value: unknown;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function kind(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return (
    { object: 'a map', string: 'text', number: 'a number', boolean: 'true or false' }[typeof value as 'object'] ??
    'that'
  );
}

function name(path: Path): string {
  const last = path.at(-1);
  if (typeof last !== 'number') return last ?? 'the file';
  return `item ${last + 1} of ${path.findLast((step) => typeof step === 'string') ?? 'the list'}`;
}

function unknownKey({ error, path, schema }: Finding): Fault {
  const key = String(error.params['additionalProperty']);
  const known = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const fix = didYouMean(key, known);
  const where = path.length === 0 ? 'at the top level' : `in ${name(path)}`;
  return {
    code: 'MCI101',
    message: `unknown key ${key} ${where}`,
    path: [...path, key],
    at: 'key',
    ...(fix === undefined ? {} : { fix }),
  };
}

function wrongType({ path, schema, value, error }: Finding): Fault {
  const types = [error.params['type']].flat().map(String);
  const wanted = types.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
  const quoted = types.includes('string') && ['number', 'boolean'].includes(typeof value);
  return {
    code: 'MCI102',
    message: `${name(path)} must be ${wanted}, not ${kind(value)}`,
    path,
    secret: schema['x-secret'] === true,
    ...(quoted ? { fix: 'put it in quotes' } : {}),
  };
}

function missing({ error, path, schema }: Finding): Fault {
  const key = String(error.params['missingProperty']);
  const property = isObject(schema['properties']) ? schema['properties'][key] : undefined;
  const description =
    isObject(property) && typeof property['description'] === 'string' ? property['description'] : undefined;
  return {
    code: 'MCI103',
    message: `${key} is missing in ${name(path)}`,
    path,
    at: 'key',
    fix: description === undefined ? `add ${key}` : `add ${key}: ${description}`,
  };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function choices(schema: Schema): readonly { const: unknown; title?: unknown }[] {
  const list = Array.isArray(schema['oneOf']) ? schema['oneOf'] : [];
  return list.every((item) => isObject(item) && 'const' in item) ? (list as { const: unknown }[]) : [];
}

function notAllowed(finding: Finding): Fault {
  const { path, schema, value } = finding;
  const options = choices(schema);
  const words = options.length > 0 ? options.map((option) => String(option.const)) : enumWords(schema);
  const near = typeof value === 'string' ? didYouMean(value, words) : undefined;
  const listed = options
    .map((option) => (option.title === undefined ? option.const : `${option.const} (${option.title})`))
    .join(', ');
  const fix = near?.startsWith('did') ? near : `one of: ${listed || words.join(', ')}`;
  const secret = schema['x-secret'] === true;
  return {
    code: 'MCI104',
    message: secret ? `${name(path)} is not allowed` : `${name(path)} cannot be ${shown(value)}`,
    path,
    secret,
    fix,
  };
}

function enumWords(schema: Schema): string[] {
  if ('const' in schema) return [String(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map(String) : [];
}

function badForm(finding: Finding): Fault {
  const { path, schema, value, error } = finding;
  const secret = schema['x-secret'] === true;
  const example = Array.isArray(schema['examples']) ? schema['examples'][0] : undefined;
  const referable =
    Array.isArray(schema['type']) && error.keyword === 'pattern' && error.params['pattern'] === '\\$\\{';
  const why = referable
    ? `must be ${TYPE_WORDS[String((schema['type'] as unknown[])[0])]} or a reference`
    : (error.message ?? 'is not right');
  const given = secret || value === '' || isObject(value) ? '' : ` (${shown(value)})`;
  return {
    code: 'MCI104',
    message: `${name(path)} ${why.replace(/^must match pattern .*$/, 'is not written the way it must be')}${given}`,
    path,
    secret,
    ...(example === undefined
      ? {}
      : { fix: `for example: ${typeof example === 'string' ? example : JSON.stringify(example)}` }),
  };
}

function fault(finding: Finding): Fault | null {
  switch (finding.error.keyword) {
    case 'if':
      return null;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(finding);
    case 'type':
      return wrongType(finding);
    case 'required':
      return missing(finding);
    case 'oneOf':
    case 'anyOf':
    case 'const':
    case 'enum':
      return notAllowed(finding);
    case 'propertyNames':
      return {
        code: 'MCI104',
        message: `a name in ${name(finding.path)} must not be empty`,
        path: finding.path,
        at: 'key',
      };
    default:
      return badForm(finding);
  }
}

/** What a compiled validator found, as faults: one for each mistake, without the noise of alternatives that were tried. */
export function schemaFaults(errors: readonly SchemaError[], data: unknown, schema: object): Fault[] {
  const tried = errors
    .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
    .map((error) => `${error.schemaPath}/`);
  const typed = new Set(errors.filter(({ keyword }) => keyword === 'type').map((error) => error.instancePath));
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const error of errors) {
    if (error.propertyName !== undefined || tried.some((path) => error.schemaPath.startsWith(path))) continue;
    if (error.keyword !== 'type' && typed.has(error.instancePath)) continue;
    const pointer = steps(error.schemaPath.replace(/^[^#]*#/, '')).slice(0, -1);
    const found = at(schema, pointer);
    const path = dataPath(data, error.instancePath);
    const value = at(data, path.map(String));
    const made = fault({ error, path, schema: isObject(found) ? found : {}, value });
    const id = made === null ? '' : `${made.code}${JSON.stringify(made.path)}`;
    if (made !== null && !seen.has(id)) faults.push(made);
    seen.add(id);
  }
  return faults;
}
