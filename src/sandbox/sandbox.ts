import { parseExact } from './exact.ts';
import { Faults } from './faults.ts';
import { type Execute, executor } from './graphql.ts';
import { uuidOf } from './identity.ts';
import { ingest } from './ingest.ts';
import { type Entry, type Journal, NO_JOURNAL, openJournal } from './journal.ts';
import { isObject, isPush } from './shapes.ts';
import type { Rejected, RequestRecord } from './types.ts';
import { World } from './world.ts';

/** The resource of every sandbox: the same at each start, so that what was kept still belongs to it. */
export const RESOURCE = uuidOf('resource sandbox');

/** One local Monte Carlo: what it knows, how it executes, what is to go wrong, where it keeps what came in. */
export interface Sandbox {
  readonly world: World;
  readonly execute: Execute;
  readonly faults: Faults;
  readonly journal: Journal;
  /** What is in progress, by `x-mcd-idempotent-id`. */
  readonly running: Set<string>;
}

/** What becomes of one request: its record, what was refused, and the text that a restart does again. */
export interface Arrival {
  readonly record: RequestRecord;
  readonly rejected?: Rejected | undefined;
  readonly again?: string | undefined;
}

/** Puts a request on record: in the world, and in the journal. */
export function keep(sandbox: Sandbox, { record, rejected, again }: Arrival): void {
  sandbox.world.record(record);
  if (rejected !== undefined) sandbox.world.rejected.add(rejected);
  const { body: _body, ...bare } = record;
  const more = { ...(rejected === undefined ? {} : { rejected }), ...(again === undefined ? {} : { body: again }) };
  sandbox.journal.append({ kind: 'request', at: record.at, record: bare, ...more });
}

function redo(world: World, execute: Execute, entry: Entry): void {
  if (entry.kind === 'key') {
    world.keys.set(entry.key.id, entry.key);
    return;
  }
  if (entry.kind === 'clock') {
    world.clock.set(entry.offset);
    world.delays = entry.delays;
    world.clock.at(entry.at, () => void world.lineage.expire());
    return;
  }
  const { record, rejected, body } = entry;
  world.clock.at(entry.at, () => {
    world.record(body === undefined ? record : { ...record, body });
    if (rejected !== undefined) world.rejected.add(rejected);
    if (body === undefined) return;
    const parsed = parseExact(body);
    if (record.endpoint === 'graphql') execute(parsed);
    else if (isPush(record.path) && isObject(parsed) && record.invocation_id !== null)
      ingest(world, { path: record.path, body: parsed, invocation_id: record.invocation_id });
  });
}

export interface SandboxOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly delays: 'contract' | 'none';
  /** Where what arrives is kept; absent: nowhere. */
  readonly data?: string | undefined;
}

/** Makes a sandbox, with what an earlier one kept in the same folder. Throws MCI902 (exit 1). */
export async function openSandbox({ now, delays, data }: SandboxOptions): Promise<Sandbox> {
  const world = new World({ now, resource: RESOURCE, delays });
  const execute = executor(world);
  const journal = data === undefined ? NO_JOURNAL : await openJournal(data, (entry) => redo(world, execute, entry));
  if (delays === 'none') world.delays = 'none';
  world.onKey = (key) => journal.append({ kind: 'key', at: world.clock.iso(), key });
  return { world, execute, faults: new Faults(), journal, running: new Set() };
}

/** Forgets what came in, in the folder too; keys and the clock stay. */
export function reset({ world, journal, faults }: Sandbox): void {
  world.clear();
  faults.replace([]);
  journal.truncate();
  for (const key of world.keys.values()) journal.append({ kind: 'key', at: world.clock.iso(), key });
  keepClock({ world, journal });
}

/** Puts how far the clock was moved on record. */
export function keepClock({ world, journal }: Pick<Sandbox, 'world' | 'journal'>): void {
  const { offset } = world.clock;
  journal.append({ kind: 'clock', at: world.clock.iso(), offset, delays: world.delays });
}
