import { expect, it } from 'vitest';
import type { PushResult } from '../../src/montecarlo/types.ts';
import type { JournalRecord } from '../../src/state/types.ts';
import { receiptOf, recorder } from '../../src/tasks/recorder.ts';

const ACCEPTED: PushResult = {
  status: 'accepted',
  invocationId: 'id-1',
  httpStatus: 202,
  traceId: 't',
  attempts: 1,
  elapsedMs: 1,
};

function world(failOn?: JournalRecord['type']) {
  const told: string[] = [];
  const made = recorder({
    journal: {
      async append({ type }) {
        if (type === failOn) throw new Error('no room');
        told.push(type);
      },
    },
    run: 'r',
    now: () => 0,
    onReceipt: (_key, { invocation_id }) => told.push(`printed ${invocation_id}`),
  });
  const step = () =>
    made.step(
      { key: 'node:a', action: 'create', what: {} },
      async () => {
        told.push('sent');
        return ACCEPTED;
      },
      (result) => receiptOf(result, { endpoint: 'graphql', events: 1, bytes: 0, at: '1970-01-01T00:00:00Z' }),
    );
  return { told, step };
}

it('has the intent on record before it sends, and the receipt before it prints it', async () => {
  const { told, step } = world();
  await step();
  expect(told).toEqual(['intent', 'sent', 'ack', 'printed id-1']);
});

it('sends nothing when the intent cannot be recorded', async () => {
  const { told, step } = world('intent');
  await expect(step()).rejects.toThrow('no room');
  expect(told).toEqual([]);
});

it('prints the id when the record of it fails: it is in the log of the job, if nowhere else', async () => {
  const { told, step } = world('ack');
  await expect(step()).rejects.toThrow('no room');
  expect(told).toEqual(['intent', 'sent', 'printed id-1']);
});
