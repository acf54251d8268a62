import { createReadStream } from 'node:fs';
import { McIngestError } from '../../errors.ts';
import type { QueryLog } from '../../model.ts';
import { type CsvRow, csvRows } from '../csv.ts';
import { expand } from '../glob.ts';
import type { CollectRequest, OpenOptions } from '../source.ts';
import { LogEntries, type LogRecord } from './log-entries.ts';
import { logTimes, type Micros } from './log-time.ts';

/** Fields of a line: PostgreSQL 12 and before, 13 (backend type), 14 and later (leader, query id). The first 23 are the same. */
const WIDTHS = new Set([23, 24, 26]);

export interface CsvLogs {
  readonly paths: readonly string[];
  readonly timezone: string;
}

interface Reading extends CsvLogs {
  readonly open: OpenOptions;
  readonly request: CollectRequest;
  /** Whether the logs of this database are wanted. */
  readonly wanted: (database: string) => boolean;
}

function unreadable(name: string, path: string, why: string, fix?: string): McIngestError {
  return new McIngestError('MCI621', 'failed', `source ${name}: ${path}: ${why}`, fix === undefined ? {} : { fix });
}

async function filesOf({ paths, open }: Reading): Promise<readonly string[]> {
  const found = (await Promise.all(paths.map((path) => expand(open.world.dir, path)))).flat();
  if (found.length > 0) return [...new Set(found)];
  throw unreadable(open.name, paths.join(', '), 'no file matches', 'paths are relative to the configuration');
}

function recordOf({ cells }: CsvRow, time: Micros): LogRecord {
  const cell = (at: number): string => cells[at - 1] ?? '';
  return {
    id: `${cell(6)}/${cell(7)}`,
    session: cell(6),
    time,
    user: cell(2),
    database: cell(3),
    application: cell(23),
    severity: cell(12),
    sqlState: cell(13),
    message: cell(14),
    query: cell(20),
  };
}

/**
 * The records of one file. The server may be writing its last one: what is cut off at the end is left for the next time.
 * Anything else that does not fit is an error.
 */
async function* recordsOf(path: string, { open, timezone, request }: Reading): AsyncGenerator<LogRecord> {
  let times: (text: string) => Micros | null;
  try {
    times = logTimes(timezone);
  } catch {
    throw unreadable(open.name, path, `there is no time zone ${timezone}`, 'take the log_timezone of the server');
  }
  let odd: CsvRow | null = null;
  try {
    for await (const row of csvRows(createReadStream(path, { encoding: 'utf8', signal: request.signal }))) {
      if (odd !== null)
        throw unreadable(
          open.name,
          path,
          `line ${odd.line} has ${odd.cells.length} fields`,
          'it has to be a csvlog: 23, 24 or 26 fields',
        );
      if (!WIDTHS.has(row.cells.length)) {
        odd = row;
        continue;
      }
      const time = times(row.cells[0] ?? '');
      if (time === null)
        throw unreadable(
          open.name,
          path,
          `line ${row.line}: the time ${row.cells[0]} is not in UTC`,
          'name the log_timezone of the server: logs: { timezone: … }',
        );
      yield recordOf(row, time);
    }
  } catch (error) {
    if (error instanceof McIngestError) throw error;
    if (error instanceof SyntaxError && /not closed/.test(error.message)) return;
    if (request.signal.aborted) throw new McIngestError('MCI002', 'interrupted', `source ${open.name}: interrupted`);
    throw unreadable(open.name, path, error instanceof SyntaxError ? error.message : 'cannot be read');
  }
}

/** The statements of the log files that ended in the window (from, to]. */
export async function* csvlog(reading: Reading): AsyncGenerator<QueryLog> {
  const { from, to } = reading.request;
  const after = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from) * 1000;
  const until = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to) * 1000;
  const inWindow = (end: Micros): boolean => end > after && end <= until;
  const entries = new LogEntries();
  for (const path of await filesOf(reading))
    for await (const record of recordsOf(path, reading)) {
      if (!reading.wanted(record.database)) continue;
      const ended = entries.add(record);
      if (ended !== null && inWindow(ended.end)) yield ended.log;
    }
  for (const { log, end } of entries.rest()) if (inWindow(end)) yield log;
}
