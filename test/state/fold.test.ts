import { describe, expect, it } from 'vitest';
import { applied } from '../../src/plan/applied.ts';
import type { Change } from '../../src/plan/types.ts';
import { fold } from '../../src/state/fold.ts';
import type { JournalRecord, ReceiptRecord, State } from '../../src/state/types.ts';
import { changeOf, edge, node, planOf, stateOf, tableEnd, work } from '../plan/support.ts';

const AT = '2026-11-24T10:00:00.000Z';
const RUN = 'dead';

function receipt(mcon: string): ReceiptRecord {
  return {
    endpoint: 'graphql',
    invocation_id: null,
    mcon,
    trace_id: 't',
    http_status: 200,
    events: 1,
    bytes: 0,
    at: AT,
  };
}

/** What a run leaves that died after the intent of a change, or after its answer, and before the item's new place. */
function died(state: State, change: Change, answer: 'none' | 'accepted' | 'in_doubt'): State {
  const item = applied(change, { run: RUN, at: AT });
  const { key, action, reason } = change;
  const records: JournalRecord[] = [
    { type: 'open', run: RUN, command: 'apply', at: AT },
    { type: 'intent', op: '1', key, action, what: { reason, ...(item === null ? {} : { item }) }, at: AT },
  ];
  if (answer !== 'none')
    records.push({ type: 'ack', op: '1', key, outcome: answer, receipt: receipt('the-new-one'), at: AT });
  return fold(state, records);
}

const old = node('a');
const other = node('a', { objectId: 'another' });

describe('the state after a run that died', () => {
  it('remembers the old node of a replace whose answer came', () => {
    const before = stateOf([old]);
    const after = died(before, changeOf(planOf([other], before), 'node:a'), 'accepted');
    const known = before.items['node:a'];
    expect(after.items['node:a']).toMatchObject({
      spec: { objectId: 'another' },
      mcon: 'the-new-one',
      old_mcon: known?.kind === 'node' ? known.mcon : '',
    });
    expect(work(planOf([other], after))).toEqual(['replace node:a old_node_remains']);
  });

  it.each(['none', 'in_doubt'] as const)(
    'replaces again when the answer was %s, so that the old node is not forgotten',
    (answer) => {
      const before = stateOf([old]);
      const after = died(before, changeOf(planOf([other], before), 'node:a'), answer);
      expect(after.items['node:a']).toMatchObject({ spec: { objectId: 'id-a' }, in_doubt: { since: AT } });
      expect(work(planOf([other], after))).toEqual(['replace node:a identity_changed']);
    },
  );

  it('remembers the old edge of a replace whose answer came', () => {
    const [first, second] = [edge(old, tableEnd('t')), edge(old, { ...tableEnd('t'), resourceId: 'elsewhere' })];
    const before = stateOf([old, first]);
    const after = died(before, changeOf(planOf([old, second], before), second.key), 'accepted');
    expect(after.items[first.key]).toMatchObject({
      old_spec: { destination: { resourceId: tableEnd('t').resourceId } },
    });
    expect(work(planOf([old, second], after))).toEqual([`replace ${first.key} old_edge_remains`]);
  });

  it('does not call a node its own old one when the answer names the same object', () => {
    const before = stateOf([old]);
    const item = { ...before.items['node:a'], mcon: 'the-new-one' } as never;
    const same = { ...before, items: { 'node:a': item } };
    const after = died(same, changeOf(planOf([other], same), 'node:a'), 'accepted');
    expect(after.items['node:a']).not.toHaveProperty('old_mcon');
  });
});
