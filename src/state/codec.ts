import { McIngestError } from '../errors.ts';
import { canonical } from '../plan/digest.ts';
import { sha256 } from './sha256.ts';
import type { State } from './types.ts';

export const STATE_FORMAT = 'mc-ingest.state/1';

/** The state as stored: canonical JSON in one line, with `digest` over all other members. */
export function encodeState(state: State): string {
  const digest = `sha256:${sha256(canonical(state))}`;
  return `${canonical({ ...state, digest })}\n`;
}

function damaged(place: string, why: string, cause?: unknown): McIngestError {
  return new McIngestError('MCI500', 'state_damaged', `${place} is damaged: ${why}`, {
    fix: 'it was left untouched: restore it from generations/ beside it or from a backup; state history still lists every receipt',
    cause,
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string, place: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged(place, text === '' ? 'it is empty' : 'it is not whole JSON', error);
  }
  if (!isObject(document)) throw damaged(place, 'it is not a JSON object');
  return document;
}

function checkFormat(format: unknown, place: string): void {
  if (format === STATE_FORMAT) return;
  if (typeof format === 'string' && /^mc-ingest\.state\/[0-9]+$/.test(format))
    throw new McIngestError(
      'MCI503',
      'state_damaged',
      `${place} has the format ${format}; this version knows ${STATE_FORMAT}`,
      {
        fix: 'use the newer version of mc-ingest; the state was left untouched',
      },
    );
  throw damaged(place, 'it does not say that it is a state');
}

function isState(value: Readonly<Record<string, unknown>>): boolean {
  const { project, lineage, serial, saved_at, run, items, learned, folded } = value;
  return (
    [project, lineage, saved_at].every((member) => typeof member === 'string') &&
    Number.isSafeInteger(serial) &&
    (run === null || typeof run === 'string') &&
    isObject(items) &&
    isObject(learned) &&
    Array.isArray(folded)
  );
}

/**
 * Reads a stored state. Throws MCI500 (damaged) or MCI503 (newer format), both exit 10.
 * `lenient` takes any white space and order of members, as in a file that a person pretty-printed for `state push`.
 */
export function decodeState(text: string, place: string, options: { readonly lenient?: true } = {}): State {
  const document = parse(text, place);
  checkFormat(document['format'], place);
  const { digest, ...rest } = document;
  if (digest !== `sha256:${sha256(canonical(rest))}`) throw damaged(place, 'its content is not what its digest says');
  if (options.lenient !== true && `${canonical(document)}\n` !== text)
    throw damaged(place, 'it is not byte for byte what was written');
  if (!isState(rest)) throw damaged(place, 'members are missing or of the wrong type');
  return rest as unknown as State;
}
