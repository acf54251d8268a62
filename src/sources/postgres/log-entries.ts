import type { QueryLog } from '../../model.ts';
import { isoOf, type Micros } from './log-time.ts';

/** What of a csvlog record is used. `id` is unique in the life of the server: session and line. */
export interface LogRecord {
  readonly id: string;
  readonly session: string;
  readonly time: Micros;
  readonly user: string;
  readonly database: string;
  readonly application: string;
  readonly severity: string;
  readonly sqlState: string;
  readonly message: string;
  /** The statement that failed, where the server logs it (log_min_error_statement). */
  readonly query: string;
}

interface Begun {
  readonly record: LogRecord;
  readonly text: string;
}

/** A statement with its start and end, in microseconds. */
export interface Ended {
  readonly log: QueryLog;
  readonly end: Micros;
}

const DURATION = /^duration: (\d+(?:\.\d+)?) ms(?: {2}(statement|execute|fastpath|parse|bind)\b[^:]*: ([\s\S]*))?$/;
const STATEMENT = /^(?:statement|execute [^:]*): ([\s\S]*)$/;
/** Sessions whose statement has no end yet. More than a server has. */
const MOST = 50_000;

/**
 * Makes query logs of csvlog records, in whatever way the server writes them: a duration with its statement
 * (log_min_duration_statement), a statement and later its duration (log_statement with log_duration), a statement alone, or
 * an error. What the extended protocol does before it executes (parse, bind) is no query. Message texts are those of
 * lc_messages in English.
 */
export class LogEntries {
  readonly #begun = new Map<string, Begun>();
  #durations = false;

  /** Takes a record; gives what ended with it. */
  add(record: LogRecord): Ended | null {
    const duration = DURATION.exec(record.message);
    if (duration !== null) return this.#duration(record, duration);
    const text = STATEMENT.exec(record.message)?.[1];
    if (record.severity === 'LOG' && text !== undefined) {
      const before = this.#take(record.session);
      this.#begun.set(record.session, { record, text });
      if (this.#begun.size > MOST) this.#begun.delete(String(this.#begun.keys().next().value));
      return this.#unended(before);
    }
    return /^(ERROR|FATAL|PANIC)$/.test(record.severity) ? this.#error(record) : null;
  }

  /** What began and has no end. While the server logs durations they are still running: their end will be logged. */
  *rest(): Generator<Ended> {
    for (const begun of this.#begun.values()) {
      const ended = this.#unended(begun);
      if (ended !== null) yield ended;
    }
  }

  #take(session: string): Begun | null {
    const begun = this.#begun.get(session) ?? null;
    this.#begun.delete(session);
    return begun;
  }

  #duration(record: LogRecord, [, milliseconds = '0', kind, given]: RegExpExecArray): Ended | null {
    if (kind === 'parse' || kind === 'bind') return null;
    this.#durations = true;
    const begun = this.#take(record.session);
    const text = given ?? begun?.text;
    if (text === undefined) return null;
    const micros = Math.round(Number(milliseconds) * 1000);
    return ended(record, { text, start: record.time - micros });
  }

  #error(record: LogRecord): Ended | null {
    const begun = this.#take(record.session);
    const text = begun?.text ?? record.query;
    if (text === '') return null;
    const start = begun?.record.time ?? record.time;
    return ended(record, { text, start, error: { error_code: record.sqlState, error_text: record.message } });
  }

  /** A server that logs no durations tells when a statement began, and no more. */
  #unended(begun: Begun | null): Ended | null {
    if (begun === null || this.#durations) return null;
    return ended(begun.record, { text: begun.text, start: begun.record.time, unended: true });
  }
}

interface Facts {
  readonly text: string;
  readonly start: Micros;
  readonly error?: Pick<QueryLog, 'error_code' | 'error_text'>;
  readonly unended?: true;
}

function ended(record: LogRecord, { text, start, error, unended }: Facts): Ended {
  const log: QueryLog = {
    noun: 'query_log',
    start_time: isoOf(start),
    end_time: isoOf(record.time),
    query_text: text,
    query_id: record.id,
    user: record.user === '' ? undefined : record.user,
    ...error,
    extra: {
      database: record.database,
      ...(record.application === '' ? {} : { application_name: record.application }),
      ...(unended === undefined ? {} : { end_time_known: false }),
    },
  };
  return { log, end: record.time };
}
