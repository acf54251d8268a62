import type { Code } from '../errors.ts';
import type { Path } from './place.ts';

/** Something wrong in one document, before it has a place: a path, or an offset where there is no value to point at. */
export interface Fault {
  readonly code: Code;
  readonly message: string;
  readonly severity?: 'error' | 'warning';
  readonly fix?: string;
  readonly label?: string;
  readonly path?: Path;
  readonly at?: 'key' | 'value';
  /** Offset in characters, for text that is no document. */
  readonly offset?: number;
  /** The value is secret: no code frame. */
  readonly secret?: boolean;
}
