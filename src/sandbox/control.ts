import { durationOf } from './clock.ts';
import { printExact, RawJson } from './exact.ts';
import { readFaults } from './faults.ts';
import type { Reply } from './http.ts';
import { isUuid } from './identity.ts';
import { makeKey } from './keys.ts';
import { keepClock, reset, type Sandbox } from './sandbox.ts';
import { isObject, list, text } from './shapes.ts';
import type { Key, RequestRecord } from './types.ts';
import type { World } from './world.ts';

const answer = (body: unknown): Reply => ({ status: 200, text: printExact(body) });
const wrong = (message: string): Reply => ({ status: 400, text: JSON.stringify({ message }) });

/** A body is shown as the JSON it is, every digit kept; as a string when it is none. */
function shown({ body, ...record }: RequestRecord): unknown {
  if (body === undefined) return record;
  try {
    JSON.parse(body);
    return { ...record, body: new RawJson(body) };
  } catch {
    return { ...record, body };
  }
}

function lineage(world: World): unknown {
  world.lineage.expire();
  const { nodes, edges, columns, vanished } = world.lineage;
  return { nodes: [...nodes.values()], edges: [...edges.values()], columns: [...columns.values()], vanished };
}

/** What there is, oldest first: `GET /_sandbox/NAME`. */
const READS: Readonly<Record<string, (sandbox: Sandbox) => unknown>> = {
  requests: ({ world }) => world.requests.items.map(shown),
  assets: ({ world }) => [...world.assets.values()].filter(({ deleted_at }) => deleted_at === undefined),
  lineage: ({ world }) => lineage(world),
  queries: ({ world }) => world.queries.newest.items,
  rejected: ({ world }) => world.rejected.items,
  clock: ({ world }) => clockOf(world),
  keys: ({ world }) => [...world.keys.values()].map(({ hash: _hash, ...key }) => key),
};

function clockOf(world: World) {
  return { now: world.clock.iso(), offset_ms: world.clock.offset, delays: world.delays };
}

function moveClock(sandbox: Sandbox, body: unknown): Reply {
  const { world } = sandbox;
  if (!isObject(body)) return wrong('give {"advance": "8d"}, {"to": "now"} or {"delays": "none"}');
  const { advance, to, delays } = body;
  const ms = advance === undefined ? 0 : durationOf(advance);
  if (ms === null) return wrong('advance is a duration such as 8d, 90m or 1d12h');
  if (to !== undefined && to !== 'now') return wrong('to is "now"');
  if (delays !== undefined && delays !== 'none' && delays !== 'contract') return wrong('delays is none or contract');
  if (to === 'now') world.clock.set(0);
  if (!world.clock.advance(ms)) return wrong('that is beyond the year 9997');
  if (delays !== undefined) world.delays = delays;
  const vanished = world.lineage.expire();
  world.version += 1;
  keepClock(sandbox);
  return answer({ ...clockOf(world), vanished });
}

function scopeOf(value: unknown): Key['scope'] | null {
  const word = String(value).toLowerCase();
  if (word === 'ingestion') return 'Ingestion';
  return word === 'api' || word === 'graphql' ? 'API' : null;
}

function addKey(sandbox: Sandbox, body: unknown): Reply {
  if (!isObject(body)) return wrong('give {"id", "scope", "warehouses"}');
  const scope = scopeOf(body['scope'] ?? 'Ingestion');
  if (scope === null) return wrong('scope is Ingestion or API');
  const warehouses = list(body['warehouses']);
  if (!warehouses.every(isUuid)) return wrong('warehouses is a list of UUIDs');
  const { id, token } = makeKey(sandbox.world, { scope, id: text(body['id']), token: text(body['token']), warehouses });
  return answer({ id, token, scope, ...(warehouses.length === 0 ? {} : { warehouses }) });
}

function setFaults(sandbox: Sandbox, body: unknown): Reply {
  const faults = readFaults(body);
  if (typeof faults === 'string') return wrong(faults);
  sandbox.faults.replace(faults);
  return answer({ faults: faults.length });
}

const WRITES: Readonly<Record<string, (sandbox: Sandbox, body: unknown) => Reply>> = {
  clock: moveClock,
  keys: addKey,
  faults: setFaults,
  reset: (sandbox) => {
    reset(sandbox);
    return answer({ reset: true });
  },
};

/** The body of a control request: none is `{}`; undefined: no JSON. */
function bodyOf(given: string): unknown {
  if (given.trim() === '') return {};
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined;
  }
}

/** Answers `/_sandbox/NAME`. Null: there is no such name. */
export function control(
  sandbox: Sandbox,
  { method, name, body }: { method: string; name: string; body: string },
): Reply | null {
  const read = Object.hasOwn(READS, name) ? READS[name] : undefined;
  const write = Object.hasOwn(WRITES, name) ? WRITES[name] : undefined;
  if (read === undefined && write === undefined) return null;
  if (method === 'GET' && read !== undefined) return answer(read(sandbox));
  if (method !== 'POST' || write === undefined)
    return { status: 405, text: JSON.stringify({ message: `${method} is not for /_sandbox/${name}` }) };
  const parsed = bodyOf(body);
  return parsed === undefined ? wrong('the body is not JSON') : write(sandbox, parsed);
}
