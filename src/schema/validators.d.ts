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
  }
  /** A validator compiled at build time; after a `false`, `errors` holds every finding. */
  export interface Validator {
    (data: unknown): boolean;
    errors?: readonly SchemaError[] | null;
  }
  export const validateConfig: Validator;
}

// Apart, and far larger: only commands that read events load it.
declare module '#event-validators' {
  import type { Validator } from '#validators';
  export const validateEvent_metadata: Validator;
  export const validateEvent_table_lineage: Validator;
  export const validateEvent_column_lineage: Validator;
  export const validateEvent_query_logs: Validator;
  export const validateEvent_etl: Validator;
  export const validateEvent_etl_runs: Validator;
  export const validateEvent_bi: Validator;
}
