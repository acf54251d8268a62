import type { CodeText } from '../../errors.ts';

/** What can go wrong with a PostgreSQL connection. */
export const POSTGRES_CODES = {
  MCI610: {
    title: 'the driver is not installed',
    text: 'Sources on PostgreSQL need the packages pg and pg-cursor. They are optional dependencies: an install with --omit=optional leaves them out.\nInstall them beside mc-ingest: npm install pg pg-cursor',
  },
  MCI611: {
    title: 'the server cannot be reached',
    text: 'Nothing answered at that host and port, or not within connect_timeout.\nCheck host and port, firewalls, and that the server listens on that address (listen_addresses).',
  },
  MCI612: {
    title: 'the login was refused',
    text: 'The server knows no such role, the password is wrong or missing, or pg_hba.conf has no line for this client.\nThe password comes from `password:`, the URL, PGPASSWORD or the password file, in this order.',
  },
  MCI613: {
    title: 'there is no such database',
    text: 'The database is not on the server, or takes no connections. Names in `include:` begin with the database: database.schema.table.',
  },
  MCI614: {
    title: 'the connection broke while reading',
    text: 'The server was stopped, the session was ended by an administrator, or the network broke. What was read until then is not pushed: the manifest has no last line.\nRun it again.',
  },
  MCI615: {
    title: 'a query took too long',
    text: 'statement_timeout or lock_timeout of the server, the role or the source ended the query.\nRaise statement_timeout, or narrow include. A table that another session has locked is waited for a minute at most. Nothing was pushed.',
  },
  MCI616: {
    title: 'the role may not do that',
    text: 'The server refused a query for lack of a privilege. The message names the object.',
  },
  MCI617: {
    title: 'the encrypted connection was refused',
    text: 'With verify-full the certificate has to come from the authority in ssl.ca and has to be made out for the host that was asked for; with verify-ca for any host. Without ca, the authorities that Node.js knows count.\nA server without TLS is refused by every mode from require on.',
  },
  MCI618: {
    title: 'the server refused a query',
    text: 'What the server said stands in the message, with its SQLSTATE. Nothing was pushed.',
  },
  MCI619: {
    title: 'a setting of the connection is wrong',
    text: 'The URL, a pattern or a certificate cannot be read. Patterns have three segments: database.schema.table.\nIn a URL, characters of a password such as @ : / # are written as %40 %3A %2F %23.',
  },
  MCI620: {
    title: 'pg_stat_statements cannot be read',
    text: 'Without `logs: { csv: … }` query logs are read from the extension pg_stat_statements: it has to be in shared_preload_libraries, created in the database that is connected to, and of version 1.9 (PostgreSQL 14) or later, which says since when its sums count.\nIt holds sums, not queries: csvlog files tell more.',
  },
  MCI621: {
    title: 'the csvlog cannot be read',
    text: 'A csvlog line has 23 fields (PostgreSQL 12), 24 (13) or 26 (14 and later), and times in UTC unless logs.timezone names the log_timezone of the server.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;
