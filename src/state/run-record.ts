import { EXIT } from '../exit-code.ts';
import { isInDoubt, type Operation, operations } from './fold.ts';
import type { JournalRecord, RunChange, RunRecord } from './types.ts';

const EXITS: Readonly<Record<RunRecord['outcome'], number>> = {
  done: EXIT.done,
  partial: EXIT.partial,
  failed: EXIT.failed,
  in_doubt: EXIT.in_doubt,
  interrupted: EXIT.interrupted,
  refused: EXIT.guarded,
};

function isOutcome(text: string | undefined): text is RunRecord['outcome'] {
  return text !== undefined && Object.hasOwn(EXITS, text);
}

function changeOf(of: readonly Operation[], told: boolean): RunChange | null {
  const first = of[0];
  if (first === undefined) return null;
  const { key, action } = first.intent;
  const receipts = of.flatMap(({ ack }) => ack?.receipt ?? []);
  const common = { key, action, receipts };
  const error = of.findLast(({ ack }) => ack?.error !== undefined)?.ack?.error;
  if (of.some(isInDoubt)) {
    const lost = of.filter(({ ack }) => ack === null).length;
    const because = lost > 0 ? { because: `${lost} sent and not answered when the run ended` } : {};
    return { ...common, status: 'unknown', ...because, ...(error === undefined ? {} : { error }) };
  }
  if (of.some(({ ack }) => ack?.outcome !== 'accepted'))
    return { ...common, status: 'failed', ...(error === undefined ? {} : { error }) };
  return told ? { ...common, status: 'done' } : { ...common, status: 'skipped', because: 'interrupted' };
}

function changesOf(records: readonly JournalRecord[]): readonly RunChange[] {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations(records)) {
    const { key, action } = operation.intent;
    const name = `${key} ${action}`;
    groups.set(name, [...(groups.get(name) ?? []), operation]);
  }
  const told = new Map<string, JournalRecord>();
  const begun = new Set<string>();
  for (const record of records)
    if (record.type === 'item' && record.item?.kind === 'flow' && record.item.push.unfinished === true)
      begun.add(record.key);
    else if (record.type === 'item') told.set(record.key, record);
  const sent = [...groups.values()].flatMap((of) => {
    const key = of[0]?.intent.key ?? '';
    // A flow's batches may all have been accepted and others not yet sent; a single mutation is done once accepted.
    const whole = of[0]?.intent.action !== 'push' || told.has(key) || !key.startsWith('flow:');
    return changeOf(of, whole) ?? [];
  });
  const keys = new Set(sent.map(({ key }) => key));
  const quiet = [...told].flatMap(([key, record]): RunChange[] =>
    keys.has(key) || record.type !== 'item'
      ? []
      : [{ key, action: record.item === null ? 'forget' : 'update', status: 'done', receipts: [] }],
  );
  const unsent = [...begun].flatMap((key): RunChange[] =>
    keys.has(key) || told.has(key)
      ? []
      : [{ key, action: 'push', status: 'skipped', because: 'interrupted', receipts: [] }],
  );
  return [...sent, ...quiet, ...unsent];
}

/**
 * The run document `mc-ingest.run/1` from a run's journal, with every receipt in it. A journal without its `close`
 * is that of a run that was interrupted.
 */
export function runRecordFrom(records: readonly JournalRecord[], run = 'unknown'): RunRecord {
  const open = records.find((record) => record.type === 'open');
  const close = records.findLast((record) => record.type === 'close');
  const outcome = isOutcome(close?.outcome) ? close.outcome : 'interrupted';
  const started = open?.at ?? records[0]?.at ?? '1970-01-01T00:00:00.000Z';
  return {
    format: 'mc-ingest.run/1',
    run: open?.run ?? run,
    command: open?.command ?? 'unknown',
    ...(open?.fingerprint === undefined ? {} : { plan_fingerprint: open.fingerprint }),
    started_at: started,
    finished_at: records.at(-1)?.at ?? started,
    outcome,
    exit_code: EXITS[outcome],
    changes: changesOf(records),
  };
}
