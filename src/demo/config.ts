/** The file of the demo, as a team would commit it: a source, two flows, and lineage that no warehouse can see. */
export const DEMO_CONFIG = `version: 1
project: shop

resources:
  shop_db: { uuid: "\${MCD_RESOURCE_UUID}", resource_type: transactional-db }

sources:
  shop: # host, port, user and database come from the PG* variables
    type: postgres
    resource: shop_db
    include: [postgres.raw.*, postgres.staging.*, postgres.mart.*]

flows:
  shop_metadata: { source: shop, collect: metadata, every: 1h }
  shop_lineage: { source: shop, collect: table_lineage, every: 12h }

lineage:
  nodes:
    load_orders: # renewed by apply before it lapses
      { objectType: job, objectId: "airflow://load_orders", resourceName: airflow, expireAt: 30d }
    revenue_report:
      { objectType: report, objectId: "bi://revenue", resourceName: bi, expireAt: never, properties: { team: finance } }
  edges:
    - { from: load_orders, to: { table: postgres.raw.orders, resource: shop_db }, expireAt: 30d }
    - { from: { table: postgres.mart.revenue_by_country, resource: shop_db }, to: revenue_report, expireAt: never }
`;

/** What the demo types, in order, with a word on why. */
export const DEMO_STEPS: readonly { readonly args: readonly string[]; readonly why: string }[] = [
  { args: ['validate'], why: 'is the file in order?' },
  { args: ['plan', '--out', 'plan.json'], why: 'what would happen, and why; saved for apply' },
  { args: ['apply', 'plan.json'], why: 'do exactly that; every receipt is recorded' },
  { args: ['plan'], why: 'and now there is nothing to do' },
];
