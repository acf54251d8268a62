// Answers every POST with 202 and an invocation id after a delay: `node sink.js DELAY_MS`. Prints {"port"}.
// Bodies are kept and looked at only when GET /stats asks, so that counting costs nothing while others are measured.
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

const delay = Number(process.argv[2] ?? 0);

interface Taken {
  readonly bytes: Buffer;
  readonly gzip: boolean;
}

let taken: Taken[] = [];
let connections = 0;

/** A value with its members in the order of their names, so that equal events have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/** Adds up 48 bits of each event's hash: the same for the same events in any order and any batches. */
function stats() {
  let events = 0;
  let sum = 0n;
  for (const { bytes, gzip } of taken) {
    const body: { readonly events?: readonly unknown[] } = JSON.parse(
      (gzip ? gunzipSync(bytes) : bytes).toString('utf8'),
    );
    for (const event of body.events ?? []) {
      events += 1;
      sum +=
        createHash('sha256')
          .update(JSON.stringify(sorted(event)))
          .digest()
          .readBigUInt64BE() >> 16n;
    }
  }
  const sizes = taken.map(({ bytes }) => bytes.length);
  const bytes = sizes.reduce((total, size) => total + size, 0);
  const found = {
    requests: taken.length,
    events,
    digest: (sum % 2n ** 48n).toString(16),
    bytes,
    largest: Math.max(0, ...sizes),
    connections,
  };
  taken = [];
  connections = 0;
  return found;
}

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(JSON.stringify(stats()));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    taken.push({ bytes: Buffer.concat(chunks), gzip: request.headers['content-encoding'] === 'gzip' });
    const answer = () =>
      void response
        .writeHead(202, { 'content-type': 'application/json' })
        .end(JSON.stringify({ invocation_id: randomUUID() }));
    if (delay > 0) setTimeout(answer, delay);
    else answer();
  });
});
server.keepAliveTimeout = 60_000;
server.on('connection', () => {
  connections += 1;
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`),
);
