import { McIngestError } from '../errors.ts';
import { VersionConflict } from './conflict.ts';
import { readJournal } from './journal.ts';
import { runRecordFrom } from './run-record.ts';
import type { RunRecord, StateBackend } from './types.ts';

/** Runs in the backend under `runs/` or `journal/`, sorted by name. */
export async function runsIn(backend: StateBackend, kind: 'runs' | 'journal'): Promise<readonly string[]> {
  return (await backend.list(`${kind}/`)).map((name) => name.slice(kind.length + 1)).sort();
}

/** Keeps a run's record for ever. One that is there already stays as it is: records are never rewritten. */
export async function keepRunRecord(backend: StateBackend, record: RunRecord): Promise<void> {
  try {
    await backend.put(`runs/${record.run}`, `${JSON.stringify(record)}\n`, null);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
  }
}

/** The record of one run: as kept, or made from its journal when it has only that. Null: no such run. Throws MCI502, MCI501. */
export async function runRecord(backend: StateBackend, run: string): Promise<RunRecord | null> {
  const kept = await backend.get(`runs/${run}`);
  if (kept !== null) return parseRecord(kept.text, run);
  if (!(await runsIn(backend, 'journal')).includes(run)) return null;
  return runRecordFrom(await readJournal(backend, run), run);
}

function parseRecord(text: string, run: string): RunRecord {
  try {
    const record = JSON.parse(text) as Partial<RunRecord> | null;
    if (record?.format === 'mc-ingest.run/1' && record.run === run) return record as RunRecord;
  } catch {
    // said below
  }
  throw new McIngestError('MCI502', 'state_damaged', `the record of run ${run} is damaged`, {
    fix: 'it was left untouched: restore it from a backup; the journal of the same name holds the same receipts',
  });
}

/** The records of all runs, newest first, also of runs of which there is only a journal. Needs no state. */
export async function history(backend: StateBackend): Promise<readonly RunRecord[]> {
  const runs = new Set([...(await runsIn(backend, 'runs')), ...(await runsIn(backend, 'journal'))]);
  const records: RunRecord[] = [];
  for (const run of runs) {
    const record = await runRecord(backend, run);
    if (record !== null) records.push(record);
  }
  return records.sort((a, b) => compare(b.started_at, a.started_at) || compare(b.run, a.run));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
