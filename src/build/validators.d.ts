declare module '#validators' {
  /** One finding of a compiled ajv validator. */
  export interface SchemaError {
    readonly keyword: string;
    /** JSON pointer into the data. */
    readonly instancePath: string;
    readonly schemaPath: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly message?: string;
    readonly propertyName?: string;
    /** The schema that the failing keyword stands in. */
    readonly parentSchema?: unknown;
  }
  /** A validator compiled at build time; after a `false`, `errors` holds every finding. */
  export interface Validator {
    (data: unknown): boolean;
    errors?: readonly SchemaError[] | null;
  }
}

/** One module a kind of event. */
declare module '#validators/*' {
  export const validate: import('#validators').Validator;
}

declare module '#config-validator' {
  /** Apart from the events, which most commands never check. */
  export const validateConfig: import('#validators').Validator;
}
