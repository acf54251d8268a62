// Feeds the task tree as an apply of so many nodes does: `node tree-child.js tree|none UNITS FILE`. Draws on stderr.
import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../src/plan/types.ts';
import type { View } from '../../src/tasks/rows.ts';
import { built } from './paths.ts';

const [view = '', units = '0', file = ''] = process.argv.slice(2);
/** Answers that arrive in one turn of the event loop. */
const BURST = 16;
/** Four places, each answered after about 1 ms: far quicker than any network, so the tree gets no time to rest. */
const PAUSE_EVERY = 512;

const { Progress }: typeof import('../../src/tasks/rows.ts') = await import(built('tasks/rows.js'));
const { treeView }: typeof import('../../src/tasks/tree.ts') = await import(built('tasks/tree.js'));

const changes: readonly Change[] = Array.from({ length: Number(units) }, (_, index) => ({
  key: `node:model_${index}`,
  kind: 'node',
  action: 'create',
  reason: 'not_in_state',
  reversibility: 'reversible',
}));
const nothing: View = {
  open: () => undefined,
  update: () => undefined,
  line: () => undefined,
  close: async () => undefined,
};

const began = process.cpuUsage();
const start = performance.now();
const progress = new Progress(changes, view === 'tree' ? await treeView(process.stderr) : nothing);
for (const [index, { key, action }] of changes.entries()) {
  progress.line(`receipt  ${key}  00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
  progress.end({ key, action, status: 'done', receipts: [] });
  if (index % BURST === 0) await nextTurn();
  if (index % PAUSE_EVERY === 0) await sleep(5);
}
await progress.close();
const { user, system } = process.cpuUsage(began);
writeFileSync(
  file,
  JSON.stringify({
    cpu_s: (user + system) / 1e6,
    wall_s: (performance.now() - start) / 1000,
    tty: process.stderr.isTTY === true,
  }),
);
