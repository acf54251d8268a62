import { PATTERN_SCHEMA } from '../patterns.ts';

const PATTERNS = {
  type: 'array',
  items: {
    type: 'string',
    pattern: PATTERN_SCHEMA,
    title: 'database.schema.table, with * for any text',
    examples: ['shop.public.*'],
  },
} as const;

const SSL = {
  type: 'object',
  description: 'How the connection is encrypted, and what proves who the server is.',
  examples: [{ mode: 'verify-full', ca: '${file:certs/ca.pem}' }],
  properties: {
    mode: {
      type: 'string',
      description: 'As sslmode of libpq. Only verify-full proves that the server is the one that was asked for.',
      default: 'prefer',
      examples: ['verify-full'],
      oneOf: [
        { const: 'disable', title: 'No encryption' },
        { const: 'prefer', title: 'Encrypted if the server can; nothing is checked' },
        { const: 'require', title: 'Encrypted; the certificate is checked only when ca is given' },
        { const: 'verify-ca', title: 'Encrypted; the certificate is from the authority' },
        { const: 'verify-full', title: 'Encrypted; from the authority, and for this host' },
      ],
    },
    ca: {
      type: 'string',
      description:
        'Certificate of the authority (PEM): its text by a reference, or the path of a file beside this one. Default: the authorities Node.js knows.',
      examples: ['${file:certs/ca.pem}', 'certs/ca.pem'],
    },
    cert: {
      type: 'string',
      description: 'Certificate of this client (PEM): its text by a reference, or the path of a file beside this one.',
      examples: ['${file:certs/client.pem}'],
    },
    key: {
      type: 'string',
      'x-secret': true,
      description: 'Private key of this client (PEM), by a reference.',
      examples: ['${file:/run/secrets/client.key}'],
    },
  },
  additionalProperties: false,
} as const;

const LOGS = {
  type: 'object',
  description:
    'Where query logs are read. Without it: the extension pg_stat_statements, which keeps sums since its last reset and no single query.',
  examples: [{ csv: ['/var/log/postgresql/*.csv'] }],
  properties: {
    csv: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'csvlog files of the server (versions 12 and later), paths or globs, relative to this file.',
      examples: [['/var/log/postgresql/*.csv']],
    },
    timezone: {
      type: 'string',
      description: 'log_timezone of the server, where its log is not in UTC.',
      default: 'UTC',
      examples: ['Europe/Berlin'],
    },
  },
  additionalProperties: false,
} as const;

/** What the configuration knows of the source. Settings here win over `url`, and that over the PG* variables. */
export const postgresType = {
  type: 'postgres',
  title: 'PostgreSQL 12 and later',
  properties: {
    url: {
      type: 'string',
      'x-secret': true,
      description: 'The whole connection, postgres://user:password@host:port/database?sslmode=…, by a reference.',
      examples: ['${DATABASE_URL}'],
    },
    host: {
      type: 'string',
      description: 'Host name, address, or the folder of a Unix socket. Default: PGHOST, else localhost.',
      default: 'localhost',
      examples: ['db.internal'],
    },
    port: { type: 'integer', description: 'Default: PGPORT, else 5432.', default: 5432, examples: [5432] },
    user: { type: 'string', description: 'Role to log in as. Default: PGUSER.', examples: ['mc_ingest'] },
    password: {
      type: 'string',
      'x-secret': true,
      description: 'Password, by a reference. Default: PGPASSWORD, else the password file.',
      examples: ['${PGPASSWORD}'],
    },
    database: {
      type: 'string',
      description:
        'Database to connect to. Default: PGDATABASE, else the first that include names. Without include it is the one that is collected.',
      examples: ['shop'],
    },
    ssl: SSL,
    include: {
      ...PATTERNS,
      description:
        'Tables to collect, as database.schema.table with * for any text. Case does not count, except in "double quotes", which take a name as it stands, with its dots. Default: all of the database.',
      examples: [['shop.public.*', 'shop."Odd.Schema".*']],
    },
    exclude: {
      ...PATTERNS,
      description: 'Tables to leave out, written as in include.',
      default: [],
      examples: [['*.*.tmp_*']],
    },
    freshness_scan_bytes: {
      type: 'integer',
      minimum: 0,
      description:
        'Where the server has track_commit_timestamp on, tables up to this size are read to find when their newest row was committed; larger ones are sent without freshness. 0: none is read.',
      default: 16777216,
      examples: [0],
    },
    connect_timeout: {
      type: 'integer',
      minimum: 1,
      description: 'Seconds until the connection has to stand. Default: PGCONNECT_TIMEOUT, else 10.',
      default: 10,
      examples: [10],
    },
    statement_timeout: {
      type: 'integer',
      minimum: 1,
      description: 'Seconds one query may take on the server. Default: what the role has.',
      examples: [300],
    },
    application_name: {
      type: 'string',
      description: 'The name under which the session shows in pg_stat_activity.',
      default: 'mc-ingest',
      examples: ['mc-ingest'],
    },
    logs: LOGS,
  },
  required: [],
  flowProperties: {},
  connects: true,
  collects: {
    metadata: true,
    table_lineage: true,
    query_logs: true,
    column_lineage: {
      not: 'it comes with lineage from SQL, which this version does not have; table_lineage has the tables of each view',
    },
  },
  starter: `sources:
  postgres:
    type: postgres
    resource: warehouse
    # What is not set here is read from PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE.
    host: "\${PGHOST:-localhost}"
    database: "\${PGDATABASE:-postgres}"
    # password: "\${PGPASSWORD}"
    # ssl: { mode: verify-full, ca: "\${file:ca.pem}" }
    # include: [shop.public.*]

flows:
  metadata: { source: postgres, collect: metadata, every: 1h }
  lineage: { source: postgres, collect: table_lineage, every: 12h }
`,
} as const;
