import { McIngestError } from '../errors.ts';
import { SHOP } from './shop.ts';

/** A running database with the shop in it. */
export interface Database {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
// All of them share the one session that PGlite has; queries wait for one another.
const CONNECTIONS = 16;

async function libraries() {
  try {
    const [{ PGlite }, { PGLiteSocketServer }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite-socket'),
    ]);
    return { PGlite, PGLiteSocketServer };
  } catch (cause) {
    throw new McIngestError('MCI801', 'failed', 'the embedded PostgreSQL of the demo is not installed', {
      fix: 'npm install @electric-sql/pglite @electric-sql/pglite-socket',
      cause,
    });
  }
}

/** Boots PostgreSQL inside this process (PGlite), loads the shop, and listens on a free port of this machine. */
export async function startDatabase(): Promise<Database> {
  const { PGlite, PGLiteSocketServer } = await libraries();
  const db = await PGlite.create({ postgresqlconf: ['track_commit_timestamp = on'] });
  await db.exec(SHOP);
  const server = new PGLiteSocketServer({ db, host: HOST, port: 0, maxConnections: CONNECTIONS });
  await server.start();
  return {
    host: HOST,
    port: Number(server.getServerConn().split(':').at(-1)),
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
