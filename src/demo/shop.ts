/**
 * A small shop: raw tables that a job loads, staging views over them, a mart of views on views and one materialised view.
 * Row counts are known to the server after ANALYZE, so the demo shows volumes, too.
 */
export const SHOP = `
create schema raw;
create schema staging;
create schema mart;

create table raw.customers (id bigint primary key, name text not null, email text, country char(2), joined date);
comment on table raw.customers is 'One row a customer, as the shop''s web site writes it';
comment on column raw.customers.country is 'ISO 3166-1 alpha-2';

create table raw.products (id bigint primary key, title text not null, price numeric(10, 2) not null);

create table raw.orders (
  id bigint primary key,
  customer_id bigint not null references raw.customers,
  ordered_at timestamptz not null,
  status text not null
);
create table raw.order_items (
  order_id bigint not null references raw.orders,
  product_id bigint not null references raw.products,
  quantity integer not null,
  primary key (order_id, product_id)
);
create table raw.refunds (order_id bigint not null references raw.orders, amount numeric(10, 2) not null, at timestamptz);
comment on table raw.refunds is 'Nobody has asked for one yet: an empty table is sent as 0 rows';

insert into raw.customers
  select n, 'Customer ' || n, 'c' || n || '@example.org', (array['de', 'fr', 'se', 'us'])[1 + n % 4], date '2026-01-01' + n % 300
  from generate_series(1, 500) n;
insert into raw.products select n, 'Product ' || n, 5 + n * 0.75 from generate_series(1, 60) n;
insert into raw.orders
  select n, 1 + n % 500, timestamptz '2026-06-01 08:00Z' + n * interval '13 minutes', (array['paid', 'sent', 'open'])[1 + n % 3]
  from generate_series(1, 4000) n;
insert into raw.order_items select n, 1 + n % 60, 1 + n % 5 from generate_series(1, 4000) n;

create view staging.stg_orders as
  select o.id as order_id, o.customer_id, o.ordered_at::date as order_date, o.status from raw.orders o where o.status <> 'open';
create view staging.stg_customers as select id as customer_id, name, country from raw.customers;
create view staging.stg_order_lines as
  select i.order_id, p.title, i.quantity, i.quantity * p.price as amount
  from raw.order_items i join raw.products p on p.id = i.product_id;

create view mart.fct_orders as
  select o.order_id, o.order_date, c.country, sum(l.amount) as amount
  from staging.stg_orders o
  join staging.stg_customers c using (customer_id)
  join staging.stg_order_lines l using (order_id)
  group by 1, 2, 3;
comment on view mart.fct_orders is 'One row an order that was paid, with its amount';
create materialized view mart.revenue_by_country as
  select country, date_trunc('month', order_date) as month, sum(amount) as revenue from mart.fct_orders group by 1, 2;

analyze;
`;
