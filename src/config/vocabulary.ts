/** Words Monte Carlo takes, with a title each. From the push contract and the two `ConnectionType` enums of its schema. */

interface Word {
  readonly const: string;
  readonly title: string;
}

/** What a flow may collect; etl, etl_runs and bi are pushed from manifests. */
export const COLLECT_WORDS: readonly Word[] = [
  { const: 'metadata', title: 'Tables and views: columns, volume, freshness' },
  { const: 'table_lineage', title: 'Which table is made from which' },
  { const: 'column_lineage', title: 'Which column is made from which; lapses after 10 days' },
  { const: 'query_logs', title: 'Queries that ran; needs a documented log_type' },
  { const: 'etl', title: 'ETL jobs' },
  { const: 'etl_runs', title: 'Runs of ETL jobs' },
  { const: 'bi', title: 'BI assets' },
];

/** The documented `log_type` values. Anything else is refused downstream, after the 202. */
export const LOG_TYPES: readonly string[] = [
  'snowflake',
  'bigquery',
  'databricks',
  'databricks-metastore-sql-warehouse',
  'redshift',
  'hive-s3',
  'athena',
  'teradata',
  'clickhouse',
  's3',
  'presto-s3',
];

const DOCUMENTED = [
  ['snowflake', 'Snowflake'],
  ['bigquery', 'BigQuery'],
  ['databricks', 'Databricks'],
  ['databricks-metastore-sql-warehouse', 'Databricks, metastore over a SQL warehouse'],
  ['redshift', 'Redshift'],
  ['data-lake', 'Data lake: Hive, EMR, Glue'],
  ['athena', 'Athena'],
  ['teradata', 'Teradata'],
  ['clickhouse', 'ClickHouse'],
  ['s3', 'Log files on S3'],
  ['presto-s3', 'Presto logs on S3'],
  ['hive-s3', 'Hive logs on S3'],
  ['transactional-db', 'PostgreSQL and other transactional databases'],
  ['custom-bi-connector', 'Custom BI connector'],
] as const;

/** `resource_type` values with a title; editors show them, others are legal with a warning at most. */
export const RESOURCE_TYPE_WORDS: readonly Word[] = DOCUMENTED.map(([value, title]) => ({ const: value, title }));

// WarehouseModelConnectionType and ConnectionModelType of the GraphQL schema, in kebab case.
const CONNECTION_TYPES =
  'airflow athena azure-data-factory bigquery clickhouse confluent-kafka confluent-kafka-connect custom-bi-connector ' +
  'custom-connector custom-etl-connector custom-integration data-lake databricks-metastore-sql-warehouse ' +
  'databricks-sql-warehouse db2 dbt-cloud dbt-cloud-v2 dbt-cloud-webhook dbt-core dremio etl fivetran gcp-dataform glue ' +
  'hive hive-mysql hive-s3 informatica informatica-v2 looker looker-git looker-git-clone looker-git-ssh ' +
  'microsoft-fabric msk-kafka msk-kafka-connect mulesoft mysql oracle pinecone power-bi presto redshift s3 ' +
  's3-metadata-events s3-ql-events salesforce-crm salesforce-data-cloud self-hosted-kafka self-hosted-kafka-connect ' +
  'snowflake spark starburst-enterprise starburst-galaxy tableau teradata transactional-db';

/** Every `resource_type` that is known to exist. */
export const RESOURCE_TYPES: readonly string[] = [
  ...new Set([...DOCUMENTED.map(([value]) => value), ...CONNECTION_TYPES.split(' ')]),
];
