/**
 * The catalog queries. All read pg_catalog, which every role may read without a grant; information_schema hides what the
 * role owns no privilege on, and materialised views. In those with patterns $1–$4 are the include and exclude patterns of this
 * database as arrays of regular expressions (schema, table), and `n` and `c` are the schema and the relation.
 */

/** Tables (r), partitioned tables (p), views (v), materialised views (m), foreign tables (f). No system or temporary schema. */
const KINDS = `c.relkind IN ('r', 'p', 'v', 'm', 'f')`;
const NOT_SYSTEM = (schema: string): string =>
  `${schema}.nspname !~ '^pg_' AND ${schema}.nspname <> 'information_schema'`;

const LISTED = (schemas: string, tables: string): string =>
  `EXISTS (SELECT FROM unnest(${schemas}::text[], ${tables}::text[]) AS p(s, t)
      WHERE n.nspname::text COLLATE "default" ~ p.s AND c.relname::text COLLATE "default" ~ p.t)`;

/** What the patterns ask for. Partitions are part of their table and no tables of their own. */
const WANTED = `${KINDS} AND NOT c.relispartition AND ${NOT_SYSTEM('n')}
  AND ${LISTED('$1', '$2')} AND NOT ${LISTED('$3', '$4')}`;
const READABLE = `has_schema_privilege(n.oid, 'USAGE')`;

/** Databases that take connections, and whether the role may connect. */
export const DATABASES = `SELECT datname AS name, has_database_privilege(oid, 'CONNECT') AS allowed
FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname`;

/** Schemas that hold something wanted and that the role has no USAGE on: what is in them is not told. */
export const UNREADABLE = `SELECT n.nspname AS schema, current_user AS role
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ${WANTED} AND NOT ${READABLE} GROUP BY n.nspname ORDER BY n.nspname`;

/** Which of the schemas $1 (regular expressions) no schema matches. */
export const ABSENT_SCHEMAS = `SELECT w.schema FROM unnest($1::text[]) AS w(schema)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname::text COLLATE "default" ~ w.schema)`;

/** Which of the include patterns, counted from 1, a table or view of this database fits, whether the role may read it or not. */
export const FITTING = `SELECT p.at FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS p(s, t, at)
WHERE EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${KINDS} AND NOT c.relispartition AND ${NOT_SYSTEM('n')}
    AND n.nspname::text COLLATE "default" ~ p.s AND c.relname::text COLLATE "default" ~ p.t)`;

/**
 * Rows of a relation with storage. `reltuples` is the estimate that VACUUM and ANALYZE leave (float4, exact as int8); -1,
 * and 0 before version 14, is "never looked"; what no int8 holds is damage, and not known. A file of no bytes holds no rows: that zero is exact. What is not known is null.
 */
const ROWS = `CASE
    WHEN l.relkind = 'm' AND NOT l.relispopulated THEN NULL
    WHEN l.relkind IN ('r', 'm') AND pg_relation_size(l.oid) = 0 THEN 0
    WHEN l.reltuples > 9e18 OR l.reltuples = 'NaN' THEN NULL
    WHEN l.reltuples > 0 OR (l.reltuples = 0 AND (l.relpages > 0 OR current_setting('server_version_num')::int >= 140000))
      THEN l.reltuples::int8
  END`;

/**
 * When the newest row that is still there was committed: the only last write a server knows, and only with
 * track_commit_timestamp. It reads the table, so $2 limits the size; 0 is never. A deletion leaves no such mark. Under row
 * security the newest row may be hidden: then it is not known.
 */
const FRESHNESS = `CASE
    WHEN current_setting('track_commit_timestamp') <> 'on' OR page.relkind NOT IN ('r', 'm', 'p') THEN NULL
    WHEN COALESCE(s.scanned, 0) = 0 OR s.scanned > $2::int8 OR s.remote OR NOT page.relispopulated THEN NULL
    WHEN NOT has_table_privilege(page.oid, 'SELECT') OR row_security_active(page.oid) THEN NULL
    ELSE substring(query_to_xml(format(
      'SELECT to_char(max(pg_xact_commit_timestamp(xmin)) AT TIME ZONE ''UTC'', ''YYYY-MM-DD"T"HH24:MI:SS.US"Z"'') AS t FROM %I.%I',
      page.nspname, page.relname), false, true, '')::text FROM '<t>([^<]*)</t>')
  END`;

/** The oids of all relations that are wanted and may be told. Found once: the patterns are costly, an oid is not. */
export const WANTED_OIDS = `SELECT c.oid::text AS oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ${WANTED} AND ${READABLE} ORDER BY c.oid`;

/**
 * The relations $1. A partitioned table, and one that others inherit from, has the sums of all that a query on it reads, as
 * long as all of them are known. Bytes are those of heap, TOAST and indexes; views and foreign tables have none.
 */
export const RELATIONS = `WITH RECURSIVE page AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispopulated
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])
), tree(root, oid) AS (
  SELECT oid, oid FROM page WHERE relkind <> 'v'
  UNION
  SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
), leaf AS (
  SELECT t.root, l.relkind, ${ROWS} AS rows,
    CASE WHEN l.relkind IN ('r', 'm') THEN pg_total_relation_size(l.oid) END AS bytes,
    CASE WHEN l.relkind IN ('r', 'm') THEN pg_relation_size(l.oid) END AS scanned
  FROM tree t JOIN pg_catalog.pg_class l ON l.oid = t.oid WHERE l.relkind <> 'p'
), sums AS (
  SELECT root, bool_or(relkind = 'f') AS remote, sum(scanned) AS scanned,
    CASE WHEN bool_and(rows IS NOT NULL) THEN sum(rows) END AS rows,
    CASE WHEN bool_and(bytes IS NOT NULL) THEN sum(bytes) END AS bytes
  FROM leaf GROUP BY root
)
SELECT page.oid::text AS oid, page.nspname AS schema, page.relname AS name, page.relkind::text AS kind,
  obj_description(page.oid, 'pg_class') AS description,
  CASE WHEN s.root IS NULL AND page.relkind = 'p' THEN '0' ELSE s.rows::text END AS rows,
  CASE WHEN s.root IS NULL AND page.relkind = 'p' THEN '0' ELSE s.bytes::text END AS bytes,
  ${FRESHNESS} AS updated
FROM page LEFT JOIN sums s ON s.root = page.oid ORDER BY page.oid`;

/** Columns of the relations $1, in their order, types with length and precision. */
export const COLUMNS = `SELECT a.attrelid::text AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
  col_description(a.attrelid, a.attnum) AS description
FROM pg_catalog.pg_attribute a WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

/** Text of the views $1. With an empty search_path every name in it is written with its schema. */
export const VIEW_TEXTS = `SELECT v.oid::text AS oid, pg_get_viewdef(v.oid, true) AS text FROM unnest($1::oid[]) AS v(oid)`;

/**
 * Each view and materialised view with the relations its rule reads: direct edges, one row a view. A partition stands for
 * its table. A view also depends on tables whose row type alone it uses (a function that returns such rows, a column of that
 * type, json_populate_record): the rule names those nowhere as a relation. What a function reads is no edge of the view's.
 */
export const VIEW_SOURCES = `SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, u.sources
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN LATERAL (
  SELECT json_agg(json_build_object('schema', d.schema, 'name', d.name, 'kind', d.kind) ORDER BY d.schema, d.name) AS sources
  FROM (
    SELECT DISTINCT sn.nspname AS schema, s.relname AS name, s.relkind::text AS kind
    FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_rewrite'::regclass AND x.objid = r.oid
      AND x.refclassid = 'pg_catalog.pg_class'::regclass AND x.deptype = 'n'
    JOIN pg_catalog.pg_class used ON used.oid = x.refobjid
    JOIN pg_catalog.pg_class s ON s.oid = CASE WHEN used.relispartition THEN pg_partition_root(used.oid) ELSE used.oid END
    JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
    WHERE r.ev_class = c.oid AND r.ev_type = '1' AND s.oid <> c.oid
      AND strpos(r.ev_action::text, ':relid ' || used.oid || ' ') > 0
      AND s.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${NOT_SYSTEM('sn')}
  ) d
) u ON u.sources IS NOT NULL
WHERE c.relkind IN ('v', 'm') AND ${WANTED} AND ${READABLE} ORDER BY c.oid`;
