/** Small makers for the event schemas: every object is closed, and an optional member may be null (it is left out then). */

type Schema = Readonly<Record<string, unknown>>;

export const TEXT: Schema = { type: 'string' };
/** A text that is not empty. Elsewhere an empty text is a value, as the vendor's SDK has it. */
export const FILLED: Schema = { type: 'string', minLength: 1 };
export const FLAG: Schema = { type: 'boolean' };
/** A whole number, zero or more, of any size. */
export const COUNT: Schema = { type: 'integer', minimum: 0 };
/** Anything at all under any names: what the vendor takes as it is. */
export const OPEN: Schema = { type: 'object' };

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

export function oneOf(...values: readonly string[]): Schema {
  return { enum: values };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

function nullable(schema: Schema): Schema {
  if (Array.isArray(schema['enum'])) return { ...schema, enum: [...schema['enum'], null] };
  const { type } = schema;
  return { ...schema, type: Array.isArray(type) ? [...type, 'null'] : [type, 'null'] };
}

/** A closed object. Optional members may be null, required ones may not. */
export function closed(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
  rules: Schema = {},
): Schema {
  const open = Object.fromEntries(Object.entries(optional).map(([name, schema]) => [name, nullable(schema)]));
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...open },
    ...rules,
  };
}
