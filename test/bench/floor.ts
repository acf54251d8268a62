// The floor of a push: reads a manifest's event lines, joins them into bodies of at most 1,000,000 bytes, sends them over
// 4 kept-alive connections in growing batches. Checks nothing, records nothing, retries nothing.
// `node floor.js MANIFEST URL PATH EVENT_TYPE START`
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';

const [file = '', url = '', path = '', type = '', start = '100'] = process.argv.slice(2);
const PLACES = 4;
const LIMIT = 1_000_000;
const QUICK_MS = 2_000;
const NEWLINE = 10;

const agent = new Agent({ keepAlive: true, maxSockets: PLACES });
const resource = JSON.stringify({ uuid: '11111111-1111-4111-8111-111111111111', resource_type: 'snowflake' });
const head = Buffer.from(`{"event_type":"${type}","resource":${resource},"events":[`);
const tail = Buffer.from(']}');
const comma = Buffer.from(',');
let most = Number(start);
let parts: Buffer[] = [];
let bytes = head.length + tail.length;
let events = 0;
let inFlight = 0;
let wake: () => void = () => undefined;

function post(body: Buffer): Promise<void> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'x-mcd-id': 'a',
      'x-mcd-token': 'b',
      'content-length': body.length,
    };
    const sent = request(`${url}${path}`, { agent, method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => {
        if (performance.now() - began < QUICK_MS) most *= 2;
        resolve();
      });
    });
    sent.on('error', reject).end(body);
  });
}

async function place(): Promise<void> {
  while (inFlight >= PLACES)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
}

async function flush(): Promise<void> {
  if (events === 0) return;
  await place();
  const body = Buffer.concat([head, ...parts, tail]);
  parts = [];
  events = 0;
  bytes = head.length + tail.length;
  inFlight += 1;
  void post(body).then(() => {
    inFlight -= 1;
    wake();
  });
}

async function add(line: Buffer): Promise<void> {
  if (events > 0 && (events >= most || bytes + line.length + 1 > LIMIT)) await flush();
  if (events > 0) parts.push(comma);
  parts.push(line);
  bytes += line.length + (events > 0 ? 1 : 0);
  events += 1;
}

// The first line and the last one are the manifest's own.
let held: Buffer | null = null;
let first = true;
async function take(line: Buffer): Promise<void> {
  if (held !== null) await add(held);
  held = first ? null : line;
  first = false;
}

let rest = Buffer.alloc(0);
for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
  const buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
  let from = 0;
  for (let at = buffer.indexOf(NEWLINE); at >= 0; at = buffer.indexOf(NEWLINE, from)) {
    await take(buffer.subarray(from, at));
    from = at + 1;
  }
  rest = buffer.subarray(from);
}
await flush();
while (inFlight > 0)
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
agent.destroy();
