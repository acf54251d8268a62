import { expect, it } from 'vitest';
import { POSTGRES_BIN } from '../support/postgres.ts';

it('has a PostgreSQL server to test against (apt-get install postgresql, or MC_INGEST_TEST_PG_BIN)', () => {
  expect(POSTGRES_BIN).not.toBeNull();
});

// `npm test` leaves these out on a machine without the server; here they have to run.
await import('../sources/postgres/catalog.test.ts');
await import('../sources/postgres/connect.test.ts');
await import('../sources/postgres/logs.test.ts');
await import('../e2e/postgres.test.ts');
