import type { SchemaError } from '#validators';
import { didYouMean } from '../suggest.ts';
import type { Fault } from './fault.ts';
import type { Path } from './place.ts';

type Schema = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

function steps(pointer: string): string[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
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
  const fix = key === '<<' ? 'YAML 1.2 has no merge keys: write the keys out' : didYouMean(key, known);
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
  const unlike = types.includes('string') || isObject(value) ? undefined : example(schema);
  const fits = typeof schema['pattern'] !== 'string' || new RegExp(schema['pattern']).test(String(value));
  return {
    code: 'MCI102',
    message: `${name(path)} must be ${wanted}, not ${kind(value)}`,
    path,
    secret: schema['x-secret'] === true,
    ...(quoted ? { fix: fits ? 'put it in quotes' : (example(schema) ?? 'write it as text') } : {}),
    ...(unlike === undefined ? {} : { fix: unlike }),
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
  const typo = words.includes(String(value)) && typeof value === 'string';
  const unquote = typo ? `write ${value} without quotes` : undefined;
  const fix = unquote ?? (near?.startsWith('did') ? near : `one of: ${listed || words.join(', ')}`);
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

function example(schema: Schema): string | undefined {
  const first: unknown = Array.isArray(schema['examples']) ? schema['examples'][0] : undefined;
  if (first === undefined) return undefined;
  return `for example: ${typeof first === 'string' ? first : JSON.stringify(first)}`;
}

function isReferable(schema: Schema, { keyword, params }: SchemaError): boolean {
  return Array.isArray(schema['type']) && keyword === 'pattern' && params['pattern'] === '\\$\\{';
}

/** What is wrong with the form, as the sentence goes on after the key. */
function wanted(schema: Schema, error: SchemaError): string {
  if (isReferable(schema, error)) return `must be ${TYPE_WORDS[String([schema['type']].flat()[0])]} or a reference`;
  const limit = String(error.params['limit']);
  switch (error.keyword) {
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return limit === '1' ? 'must not be empty' : `must have ${limit} or more`;
    case 'minimum':
      return `must be ${limit} or more`;
    case 'maximum':
      return `must be ${limit} or less`;
    case 'uniqueItems':
      return 'has the same item twice';
    case 'pattern':
      return typeof schema['title'] === 'string' ? `must be ${schema['title']}` : 'is not written the way it must be';
    default:
      return error.message ?? 'is not right';
  }
}

function badForm({ path, schema, value, error }: Finding): Fault {
  const secret = schema['x-secret'] === true;
  const fix = error.keyword === 'uniqueItems' ? 'remove one' : example(schema);
  const given = secret || value === '' || isObject(value) ? '' : ` (${shown(value)})`;
  return {
    code: 'MCI104',
    message: `${name(path)} ${wanted(schema, error)}${given}`,
    path,
    secret,
    ...(fix === undefined ? {} : { fix }),
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
export function schemaFaults(errors: readonly SchemaError[], data: unknown): Fault[] {
  // A set: 100,000 items that fail alike fail at one place of the schema.
  const tried = new Set(
    errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf').map((error) => `${error.schemaPath}/`),
  );
  const typed = new Set(errors.filter(({ keyword }) => keyword === 'type').map((error) => error.instancePath));
  const alternatives = [...tried];
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const error of errors) {
    if (error.propertyName !== undefined || alternatives.some((path) => error.schemaPath.startsWith(path))) continue;
    if (error.keyword !== 'type' && typed.has(error.instancePath)) continue;
    const path = dataPath(data, error.instancePath);
    const schema = isObject(error.parentSchema) ? error.parentSchema : {};
    const made = fault({ error, path, schema, value: at(data, path) });
    const id = made === null ? '' : `${made.code}${JSON.stringify(made.path)}`;
    if (made !== null && !seen.has(id)) faults.push(made);
    seen.add(id);
  }
  return faults;
}
