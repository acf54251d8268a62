import type { AppliedItem } from '../plan/types.ts';
import type { JournalRecord, ReceiptRecord, State } from './types.ts';

type Intent = Extract<JournalRecord, { type: 'intent' }>;
type Ack = Extract<JournalRecord, { type: 'ack' }>;

/** An intent and what became of it; no ack: its fate is not known. */
export interface Operation {
  readonly intent: Intent;
  readonly ack: Ack | null;
}

/** Every intent of a journal with its answer, in the order of the intents. */
export function operations(records: readonly JournalRecord[]): readonly Operation[] {
  const acks = new Map<string, Ack>();
  for (const record of records) if (record.type === 'ack') acks.set(record.op, record);
  return records.flatMap((record) =>
    record.type === 'intent' ? [{ intent: record, ack: acks.get(record.op) ?? null }] : [],
  );
}

/** Whether nobody knows if the remote did it. */
export function isInDoubt({ ack }: Operation): boolean {
  return ack === null || ack.outcome === 'in_doubt';
}

/** Whether an intent is that of a batch of a push. */
export function isBatch(intent: Intent): boolean {
  return typeof intent.what['from'] === 'number' && typeof intent.what['to'] === 'number';
}

function itemOf(intent: Intent): AppliedItem | null {
  const item = intent.what['item'];
  return typeof item === 'object' && item !== null && 'key' in item && item.key === intent.key
    ? (item as AppliedItem)
    : null;
}

/** The operations whose consequence for the state no `item` record tells: the run died before it wrote one. */
function untold(records: readonly JournalRecord[]): readonly Operation[] {
  const open = new Map<string, Operation>();
  for (const record of records) {
    if (record.type === 'intent') open.set(record.op, { intent: record, ack: null });
    const known = record.type === 'ack' ? open.get(record.op) : undefined;
    if (record.type === 'ack' && known !== undefined) open.set(record.op, { ...known, ack: record });
    if (record.type === 'item')
      for (const [op, { intent, ack }] of open) if (ack !== null && intent.key === record.key) open.delete(op);
  }
  return [...open.values()];
}

function withMcon(item: AppliedItem, receipt: ReceiptRecord | undefined): AppliedItem {
  return item.kind === 'node' && receipt?.mcon !== undefined ? { ...item, mcon: receipt.mcon } : item;
}

function withoutOld(item: AppliedItem): AppliedItem {
  if (item.kind !== 'node') return item;
  const { old_mcon: _, ...rest } = item;
  return rest;
}

/** What one untold operation does to its item: undefined for nothing, null for gone. */
function consequence(operation: Operation, known: AppliedItem | undefined): AppliedItem | null | undefined {
  const { intent, ack } = operation;
  const planned = itemOf(intent);
  if (isBatch(intent)) return unfinished(planned, known);
  if (isInDoubt(operation)) {
    const item = planned ?? known;
    return item === undefined ? undefined : { ...item, in_doubt: { since: intent.at, trace_id: '' } };
  }
  if (ack?.outcome !== 'accepted') return undefined;
  if (planned !== null) {
    const old = known?.kind === 'node' && intent.action === 'replace' ? known.mcon : null;
    const item = withMcon(planned, ack.receipt);
    return item.kind === 'node' && old !== null && old !== item.mcon ? { ...item, old_mcon: old } : item;
  }
  if (intent.action !== 'delete') return undefined;
  return intent.what['reason'] === 'replaced' && known !== undefined ? withoutOld(known) : null;
}

function unfinished(planned: AppliedItem | null, known: AppliedItem | undefined): AppliedItem | undefined {
  const item = planned ?? known;
  return item?.kind === 'flow' ? { ...item, push: { ...item.push, unfinished: true } } : undefined;
}

function setOwn<T>(target: Map<string, T>, values: Readonly<Record<string, T>>): Map<string, T> {
  for (const [name, value] of Object.entries(values)) target.set(name, value);
  return target;
}

/**
 * The state after a run, from the state before it and the run's journal: items set and removed, what was learned of the
 * gateway, and in doubt whatever was sent and not answered. A run that is folded in already changes nothing. Pure.
 */
export function fold(state: State, records: readonly JournalRecord[]): State {
  const run = records.find((record) => record.type === 'open')?.run;
  if (run === undefined || state.folded.includes(run)) return state;
  const items = setOwn(new Map<string, AppliedItem>(), state.items);
  const learned = setOwn(new Map<string, number>(), state.learned);
  for (const record of records) {
    if (record.type === 'learned') setOwn(learned, record.learned);
    if (record.type !== 'item') continue;
    if (record.item === null) items.delete(record.key);
    else items.set(record.key, record.item);
    setOwn(learned, record.learned ?? {});
  }
  for (const operation of untold(records)) {
    const { key } = operation.intent;
    const item = consequence(operation, items.get(key));
    if (item === null) items.delete(key);
    else if (item !== undefined) items.set(key, item);
  }
  return {
    ...state,
    run,
    items: Object.fromEntries(items),
    learned: Object.fromEntries(learned),
    folded: [...state.folded, run],
  };
}
