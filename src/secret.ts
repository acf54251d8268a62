import type { Origin } from './errors.ts';

/** A value that must not be seen: read when it is used, prints as `***`. */
export interface Secret {
  /** Reads the environment or the file now. Throws McIngestError with the place in the file when it is missing. */
  reveal(): string;
  readonly origin: Origin;
}

/** A setting of a source after references were resolved; secret fields hold a `Secret`. */
export type Option = string | number | boolean | null | Secret | readonly Option[] | { readonly [key: string]: Option };

/** Tells a secret among options. */
export function isSecret(option: Option): option is Secret {
  return typeof option === 'object' && option !== null && 'reveal' in option && typeof option.reveal === 'function';
}
