import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** An embedded PostgreSQL behind a socket: one session at a time, no TLS, any password. */
export async function startPglite(
  setup: string,
): Promise<{ readonly host: string; readonly port: number; stop(): Promise<void> }> {
  const db = await PGlite.create();
  await db.exec(setup);
  const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1' });
  await server.start();
  const [host, port] = server.getServerConn().split(':');
  return {
    host: host ?? '',
    port: Number(port),
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
