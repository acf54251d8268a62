import { McIngestError, type Origin } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { type Reference, type ReferenceWorld, readReference } from './references.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** A secret that is read when it is used. Shows as `***` wherever it is printed. */
export class ReferencedSecret implements Secret {
  readonly origin: Origin;
  readonly #reference: Reference;
  readonly #world: ReferenceWorld;

  constructor(reference: Reference, world: ReferenceWorld, origin: Origin) {
    this.#reference = reference;
    this.#world = world;
    this.origin = origin;
  }

  reveal(): string {
    const value = readReference(this.#reference, this.#world);
    if (typeof value === 'string') return value;
    const { file, line, column, path } = this.origin;
    const origin = { file, line, column, path };
    throw new McIngestError(value.code, 'config', value.message, {
      origin,
      ...(value.fix === undefined ? {} : { fix: value.fix }),
    });
  }

  toString(): string {
    return '***';
  }
  toJSON(): string {
    return '***';
  }
  [INSPECT](): string {
    return '***';
  }
}
