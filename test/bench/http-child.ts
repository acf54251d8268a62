// Sends bodies for a while over our transport, fetch or plain node:http: `node http-child.js ours|fetch|floor URL PLACES REQUESTS BYTES`.
import { Agent, request } from 'node:http';
import type { Outgoing } from '../../src/montecarlo/http-transport.ts';
import { built } from './paths.ts';

const [client = '', url = '', places = '1', requests = '1', bytes = '1'] = process.argv.slice(2);
const body = Buffer.from(JSON.stringify({ events: [{ text: 'x'.repeat(Math.max(0, Number(bytes) - 25)) }] }));

interface Sender {
  readonly send: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The least that sends: kept-alive connections, nothing recorded. */
function floorSender(): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: Number(places) });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/ingest/v1/metadata`, { agent, method: 'POST', headers }, (response) => {
        response.resume().on('end', resolve);
      });
      sent.on('error', reject).end(body);
    });
  return { send, close: async () => agent.destroy() };
}

async function sender(): Promise<Sender> {
  if (client === 'floor') return floorSender();
  if (client === 'fetch')
    return {
      async send() {
        const response = await fetch(`${url}/ingest/v1/metadata`, { method: 'POST', body: new Uint8Array(body) });
        await response.text();
        if (response.status !== 202) throw new Error(`status ${response.status}`);
      },
      close: async () => undefined,
    };
  const { httpTransport }: typeof import('../../src/montecarlo/http-transport.ts') = await import(
    built('montecarlo/http-transport.js')
  );
  const key = { id: 'bench', token: 'bench' };
  const connection = { endpoint: url, graphqlEndpoint: url, ingestKey: key, graphqlKey: key, session: 'bench' };
  const transport = httpTransport({ connection, version: '0', concurrency: Number(places) });
  const outgoing: Outgoing = { to: 'ingest', path: '/ingest/v1/metadata', body, traceId: 'bench' };
  return {
    async send() {
      const answer = await transport.post(outgoing);
      if (answer.kind !== 'answer' || answer.status !== 202) throw new Error(`no 202: ${JSON.stringify(answer)}`);
    },
    close: () => transport.close(),
  };
}

const { send, close } = await sender();
let left = Number(requests);
async function place(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await send();
  }
}
await send();
const [began, cpu] = [performance.now(), process.cpuUsage()];
await Promise.all(Array.from({ length: Number(places) }, place));
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  JSON.stringify({ seconds: (performance.now() - began) / 1000, cpu_us: (user + system) / Number(requests) }),
);
await close();
