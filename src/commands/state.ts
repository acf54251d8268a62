import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { McIngestError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { historyText, itemLine, itemText } from '../output/state-text.ts';
import { movedByHand } from '../plan/moves.ts';
import type { AppliedItem, ItemKey } from '../plan/types.ts';
import { decodeState, encodeState } from '../state/codec.ts';
import { history, runRecord } from '../state/history.ts';
import { unlock } from '../state/lock.ts';
import { heldText, readLock } from '../state/lock-record.ts';
import type { Stored } from '../state/store.ts';
import type { State } from '../state/types.ts';
import { projectStore } from './project-state.ts';
import { readProject } from './read-project.ts';
import { changeState, type StateCall, type StateChange } from './state-change.ts';

export interface StateFlags extends Omit<StateCall, 'context' | 'store'> {
  readonly config: string;
}

type Action = (call: StateCall) => Promise<void>;

function usage(message: string): McIngestError {
  return new McIngestError('MCI003', 'usage', message, { fix: 'mc-ingest state --help' });
}

function argument({ action, args }: StateCall, index: number, what: string): string {
  const value = args[index];
  if (value === undefined || value === '') throw usage(`state ${action} needs ${what}`);
  return value;
}

function json(context: CliContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function lines(context: CliContext, values: readonly unknown[]): void {
  for (const value of values) context.stdout.write(`${JSON.stringify(value)}\n`);
}

/** What a change by hand leaves: for programs the record of the run that it was, for people a sentence. */
function told({ context, format }: StateCall, document: unknown, sentence: string): void {
  if (format === 'json') json(context, document);
  if (format === 'ndjson') lines(context, [document]);
  context.stderr.write(`${sentence}\n`);
}

function itemOf(state: State | undefined, key: string): AppliedItem {
  const item = state !== undefined && Object.hasOwn(state.items, key) ? state.items[key] : undefined;
  if (item !== undefined) return item;
  throw new McIngestError('MCI507', 'failed', `${key} is not in the state`, { fix: 'mc-ingest state list' });
}

function sorted(state: State | undefined): readonly AppliedItem[] {
  return Object.values(state?.items ?? {}).sort((a, b) => (a.key < b.key ? -1 : 1));
}

const list: Action = async (call) => {
  const { context, store, format } = call;
  const items = sorted((await store.read())?.state);
  const keys = items.map(({ key }) => key);
  if (format === 'json') json(context, keys);
  else if (format === 'ndjson') lines(context, keys);
  else for (const item of items) context.stdout.write(`${item.key}\n`);
};

const show: Action = async (call) => {
  const { context, store, args, format } = call;
  const stored = await store.read();
  const key = args[0];
  if (key !== undefined) {
    const item = itemOf(stored?.state, key);
    if (format === 'json') json(context, item);
    else if (format === 'ndjson') lines(context, [item]);
    else context.stdout.write(itemText(item));
  } else if (format === 'ndjson') lines(context, sorted(stored?.state));
  else if (format === 'json')
    json(context, stored === null ? { ...store.fresh(), lineage: null } : JSON.parse(encodeState(stored.state)));
  else if (stored === null) context.stdout.write('nothing was saved yet\n');
  else {
    const { project, lineage, serial, saved_at } = stored.state;
    context.stdout.write(`project ${project}, serial ${serial}, lineage ${lineage}, saved ${saved_at}\n`);
    for (const item of sorted(stored.state)) context.stdout.write(`${itemLine(item)}\n`);
  }
};

const remove: Action = async (call) => {
  const key = argument(call, 0, 'the key of an item');
  const { record } = await changeState(call, (stored) => {
    itemOf(stored?.state, key);
    return { items: new Map([[key as ItemKey, null]]) };
  });
  told(call, record, `${key} is not in the state any more; nothing was sent to Monte Carlo`);
};

function moved(state: State | undefined, from: string, to: string): StateChange {
  const item = itemOf(state, from);
  if (state !== undefined && Object.hasOwn(state.items, to))
    throw new McIngestError('MCI508', 'guarded', `${to} is in the state already`);
  if (!/^(?:node|edge|flow):./.test(to) || to.slice(0, 5) !== from.slice(0, 5))
    throw new McIngestError('MCI508', 'guarded', `${from} cannot become ${to}: the kind stays the same`);
  return { items: movedByHand(state?.items ?? {}, item, to as ItemKey) };
}

const move: Action = async (call) => {
  const from = argument(call, 0, 'the key of an item and its new key');
  const to = argument(call, 1, 'the new key');
  const { record } = await changeState(call, (stored) => moved(stored?.state, from, to));
  told(call, record, `${from} is now ${to}`);
};

const pull: Action = async (call) => {
  const { context, store } = call;
  const stored = await store.read();
  if (stored === null) throw new McIngestError('MCI507', 'failed', 'nothing was saved yet');
  context.stdout.write(encodeState(stored.state));
};

/** Takes a pushed state only if it descends from the stored one. */
function replaced(stored: Stored | null, pushed: State, project: string): StateChange {
  const refuse = (why: string): McIngestError =>
    new McIngestError('MCI506', 'guarded', `the pushed state ${why}`, {
      fix: 'mc-ingest state pull shows the stored one',
    });
  if (pushed.project !== project) throw refuse(`belongs to the project ${pushed.project}, not ${project}`);
  const now = stored?.state;
  if (now === undefined) return { items: new Map(), base: pushed };
  if (now.lineage !== pushed.lineage) throw refuse(`has the lineage ${pushed.lineage}, the stored one ${now.lineage}`);
  if (pushed.serial < now.serial) throw refuse(`has the serial ${pushed.serial}, the stored one ${now.serial}`);
  const items = new Map<ItemKey, AppliedItem | null>(Object.values(pushed.items).map((item) => [item.key, item]));
  for (const { key } of Object.values(now.items)) if (!items.has(key)) items.set(key, null);
  // What was folded in here stays so: its journals must not be folded a second time.
  return { items, base: { ...pushed, folded: [...new Set([...now.folded, ...pushed.folded])] } };
}

const push: Action = async (call) => {
  const { context, store } = call;
  const file = argument(call, 0, 'a file');
  const path = resolve(context.cwd, file);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new McIngestError('MCI505', 'config', `${file} cannot be read: ${error.message}`, { cause: error });
  });
  const pushed = decodeState(text, file, { lenient: true });
  const { saved, record } = await changeState(call, (stored) => replaced(stored, pushed, store.project));
  told(call, record, `the state has now serial ${saved.state.serial}`);
};

const release: Action = async (call) => {
  const { context, store, args, format } = call;
  const { backend } = store;
  const token = args[0];
  if (token !== undefined) {
    if (!/^[0-9]{1,15}$/.test(token)) throw usage(`${token} is not the token of a lock: it is a whole number`);
    const holder = await unlock(backend, Number(token));
    told(call, { token: Number(token), released: holder }, `the lock of run ${holder.run} was released`);
    return;
  }
  const lock = (await readLock(backend))?.lock ?? null;
  if (format === 'json') json(context, lock);
  else if (format === 'ndjson') lines(context, [lock]);
  else if (lock === null || lock.holder === null) context.stdout.write('the state is not locked\n');
  else
    context.stdout.write(
      `${heldText(lock.holder, await backend.now())}\n  release   mc-ingest state unlock ${lock.token}\n`,
    );
};

const past: Action = async (call) => {
  const { context, store, args, format } = call;
  const { backend } = store;
  const run = args[0];
  const records = run === undefined ? await history(backend) : [await runRecord(backend, run)];
  if (records[0] === null)
    throw new McIngestError('MCI507', 'failed', `there is no run ${run}`, { fix: 'mc-ingest state history' });
  const found = records.flatMap((record) => record ?? []);
  if (format === 'ndjson') lines(context, found);
  else if (format === 'json') json(context, run === undefined ? found : found[0]);
  else context.stdout.write(historyText(found, run === undefined ? {} : { receipts: true }));
};

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['list', list],
  ['show', show],
  ['rm', remove],
  ['mv', move],
  ['pull', pull],
  ['push', push],
  ['unlock', release],
  ['history', past],
]);

/** `mc-ingest state ACTION`: looks at the state and its history; changes are runs of their own, under the lock. */
export async function state(context: CliContext, flags: StateFlags): Promise<ExitCode> {
  const action = ACTIONS.get(flags.action);
  if (action === undefined)
    throw usage(`state has no action ${flags.action}; it has ${[...ACTIONS.keys()].join(', ')}`);
  const config = await readProject(context, flags, 'defer');
  await action({ ...flags, context, store: projectStore(context, config) });
  return EXIT.done;
}
