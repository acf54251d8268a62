import { setImmediate as turn } from 'node:timers/promises';
import { McIngestError } from '../errors.ts';
import { canonical } from '../plan/digest.ts';
import { sha256 } from './sha256.ts';
import type { JournalRecord, StateBackend } from './types.ts';

/** Where a run writes what it is about to do and what became of it. */
export interface Journal {
  readonly run: string;
  /** Durable when it resolves. Records are kept in the order of the calls. After a failure every further call fails. */
  append(record: JournalRecord): Promise<void>;
}

/** The name of a run's journal in the backend. */
export function journalName(run: string): string {
  return `journal/${run}`;
}

// Only ASCII: a record cut off within a character stays recognizable as a beginning of that record.
function body(record: JournalRecord): string {
  return canonical(record).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One line: length, hash over the hash before and the body, body. The first hash before is that of the run's name. */
export function frame(record: JournalRecord, before: string): { readonly line: string; readonly hash: string } {
  const text = body(record);
  const hash = sha256(before, text);
  return { line: `${text.length} ${hash} ${text}\n`, hash };
}

export function firstHash(run: string): string {
  return sha256('mc-ingest.journal/1 ', run);
}

interface Waiting {
  readonly record: JournalRecord;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Opens the journal of a new run; a run's name is used once, so an existing journal is an error (MCI521).
 * Appends that come while one is being written share the next write and its sync (group commit).
 */
export async function openJournal(backend: StateBackend, run: string): Promise<Journal> {
  const name = journalName(run);
  if ((await backend.get(name)) !== null)
    throw new McIngestError('MCI521', 'state_unsaved', `there is a journal of run ${run} already`);
  let hash = firstHash(run);
  let waiting: Waiting[] = [];
  let writing = false;
  let broken: { readonly error: unknown } | null = null;

  async function write(batch: readonly Waiting[]): Promise<void> {
    if (broken !== null) throw broken.error;
    let last = hash;
    let text = '';
    for (const { record } of batch) {
      const framed = frame(record, last);
      text += framed.line;
      last = framed.hash;
    }
    await backend.append(name, text);
    if (batch.some(({ record }) => record.type === 'close')) await backend.release?.(name);
    hash = last;
  }

  async function drain(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      await turn(); // whoever was just told that its record is durable may have the next one ready
      const batch = waiting;
      waiting = [];
      try {
        await write(batch);
        for (const { done } of batch) done();
      } catch (error) {
        broken ??= { error: unwritten(name, error) };
        for (const { failed } of batch) failed(broken.error);
      }
      await Promise.resolve();
    }
    writing = false;
  }

  return {
    run,
    append: (record) =>
      new Promise((done, failed) => {
        waiting.push({ record, done, failed });
        if (!writing) void drain();
      }),
  };
}

function unwritten(name: string, error: unknown): McIngestError {
  const why = error instanceof Error ? error.message : String(error);
  return new McIngestError('MCI521', 'state_unsaved', `${name} could not be written: ${why}`, {
    fix: 'nothing further was sent; make room or mend the permissions, then run apply again',
    cause: error,
  });
}

const LINE = /^([1-9][0-9]{0,9}) ([0-9a-f]{64}) ([\x20-\x7e]*)$/;
const BEGINNING = /^(?:[1-9][0-9]{0,9}(?: [0-9a-f]{0,64})?|([1-9][0-9]{0,9}) [0-9a-f]{64} ([\x20-\x7e]*))$/;

/** Whether a line without its end may be what a crash left of a record. */
function isTorn(tail: string): boolean {
  const match = BEGINNING.exec(tail);
  if (match === null) return false;
  const [, length, text] = match;
  return text === undefined || text.length <= Number(length);
}

/**
 * The records of a journal's text. A last record that was cut off is dropped: it was never acknowledged.
 * Anything else that is not as written throws MCI501 (exit 10).
 */
export function parseJournal(text: string, run: string): readonly JournalRecord[] {
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  const damaged = (line: number): McIngestError =>
    new McIngestError('MCI501', 'state_damaged', `the journal of run ${run} is damaged at record ${line}`, {
      fix: 'it was left untouched: restore it from a backup',
    });
  let hash = firstHash(run);
  const records = lines.map((line, index) => {
    const match = LINE.exec(line);
    const [, length, found, json] = match ?? [];
    if (found === undefined || json === undefined || json.length !== Number(length)) throw damaged(index + 1);
    hash = sha256(hash, json);
    if (hash !== found) throw damaged(index + 1);
    return JSON.parse(json) as JournalRecord;
  });
  if (tail !== '' && !isTorn(tail)) throw damaged(lines.length + 1);
  return records;
}

/** The records of a run's journal, oldest first; none when there is no such journal. */
export async function readJournal(backend: StateBackend, run: string): Promise<readonly JournalRecord[]> {
  const found = await backend.get(journalName(run));
  return found === null ? [] : parseJournal(found.text, run);
}
