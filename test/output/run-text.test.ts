import { expect, it } from 'vitest';
import { runText } from '../../src/output/run-text.ts';
import type { RunChange, RunRecord } from '../../src/state/types.ts';

const bare = (text: string): string => text;
const paint = { red: bare, green: bare, yellow: bare, dim: bare };

function record(changes: readonly RunChange[], outcome: RunRecord['outcome'], exit_code: number): RunRecord {
  const times = { started_at: '2026-12-01T10:00:00.000Z', finished_at: '2026-12-01T10:00:41.000Z' };
  return { format: 'mc-ingest.run/1', run: 'r1', command: 'apply', ...times, outcome, exit_code, changes };
}

const receipt = {
  endpoint: 'metadata',
  invocation_id: '0192f3ac-0000-4000-8000-000000000000',
  trace_id: 't',
  http_status: 202,
  events: 412,
  bytes: 1,
  at: '2026-12-01T10:00:41.000Z',
};

it('accounts for everything: what failed with its code, what was skipped and why, until when the rest waits, every id', () => {
  const text = runText(
    record(
      [
        { key: 'flow:m', action: 'push', status: 'done', receipts: [receipt, { ...receipt, invocation_id: null }] },
        { key: 'flow:l', action: 'push', status: 'failed', receipts: [], error: { code: 'MCI412', message: '403' } },
        { key: 'flow:c', action: 'push', status: 'skipped', because: 'needs flow:l', receipts: [] },
        { key: 'flow:q', action: 'wait', status: 'waiting', until: '2026-12-01T10:23:00.000Z', receipts: [] },
      ],
      'partial',
      3,
    ),
    paint,
  );
  expect(text).toBe(`partial in 41 s · run r1
done 1 · failed 1 · skipped 1 · waiting 1

failed  flow:l  403
        more  mc-ingest explain MCI412
skipped flow:c  needs flow:l
waiting flow:q  until 2026-12-01T10:23:00.000Z

invocation ids
  flow:m  0192f3ac-0000-4000-8000-000000000000  412 events  10:00:41 UTC
  flow:m  accepted without an id  412 events  10:00:41 UTC

exit 3: what is left is done by the next \`mc-ingest apply\`
`);
});

it('names a few of many that fared alike, and their number', () => {
  const changes = Array.from(
    { length: 40 },
    (_, n): RunChange => ({
      key: `node:n${n}`,
      action: 'create',
      status: 'skipped',
      because: 'interrupted',
      receipts: [],
    }),
  );
  expect(runText(record(changes, 'interrupted', 130), paint)).toContain(
    'skipped 40 items: node:n0, node:n1, node:n2 and 37 more  interrupted\n',
  );
});
