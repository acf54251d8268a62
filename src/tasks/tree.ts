/** Where lines for people go. */
interface Output {
  write(text: string): void;
}

import type { RowProgress, View } from './rows.ts';

/** No tree: one line when a row ends, and what the run says. For pipes, CI and `--quiet` (which drops the rows). */
export function plainView(out: Output, { quiet }: { readonly quiet: boolean }): View {
  const ended = new Set<RowProgress>();
  return {
    open: () => undefined,
    update: (row) => {
      if (quiet || !row.finished || ended.has(row)) return;
      ended.add(row);
      const bad = row.bad[0];
      out.write(`${bad === undefined ? 'done' : bad.status.padEnd(4)}  ${row.title}\n`);
    },
    line: (text) => out.write(`${text}\n`),
    close: async () => undefined,
  };
}

const LINES_SHOWN = 3;
const TITLES_EVERY_MS = 100;

interface Waiting {
  readonly row: RowProgress;
  readonly done: Promise<void>;
  readonly finish: () => void;
}

function waitFor(row: RowProgress): Waiting {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { row, done, finish };
}

/**
 * The tree on a terminal. listr2 only draws: the work runs elsewhere and tells its rows. Titles change at most ten times
 * a second, since each change makes listr2 measure every line again.
 */
export async function treeView(stream: NodeJS.WriteStream): Promise<View> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  let waiting: readonly Waiting[] = [];
  let drawn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const lines: string[] = [];
  const titles = new Map<RowProgress, (title: string) => void>();
  const outputs = new Map<RowProgress, (text: string) => void>();

  const draw = (): void => {
    timer = undefined;
    for (const { row } of waiting) titles.get(row)?.(row.title);
    const [first] = waiting.filter(({ row }) => !row.finished);
    if (first !== undefined && lines.length > 0) outputs.get(first.row)?.(lines.slice(-LINES_SHOWN).join('\n'));
  };

  return {
    open(rows) {
      waiting = rows.map(waitFor);
      const tree = new Listr(
        waiting.map(({ row, done }) => ({
          title: row.title,
          task: async (_: unknown, task: { title: string; output: string }) => {
            titles.set(row, (title) => {
              task.title = title;
            });
            outputs.set(row, (text) => {
              task.output = text;
            });
            await done;
            task.title = row.title;
            const bad = row.bad[0];
            if (bad !== undefined) throw new Error(bad.error?.message ?? bad.because ?? bad.status);
          },
        })),
        {
          concurrent: true,
          exitOnError: false,
          registerSignalListeners: false,
          rendererOptions: {
            collapseErrors: false,
            formatOutput: 'truncate',
            logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
          },
        },
      );
      drawn = tree.run().catch(() => undefined);
    },
    update(row) {
      if (row.finished) waiting.find((candidate) => candidate.row === row)?.finish();
      timer ??= setTimeout(draw, TITLES_EVERY_MS);
    },
    line(text) {
      lines.push(text);
      if (lines.length > LINES_SHOWN) lines.shift();
      timer ??= setTimeout(draw, TITLES_EVERY_MS);
    },
    async close() {
      if (timer !== undefined) clearTimeout(timer);
      for (const { finish } of waiting) finish();
      await drawn;
    },
  };
}
