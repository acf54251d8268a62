import type { RowProgress, View } from './rows.ts';

/** Where lines for people go. */
interface Output {
  write(text: string): void;
}

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

const ESC = String.fromCharCode(27);
/** How a frame of the tree begins: what stands of the frame before it is wiped away. */
const WIPE = new RegExp(`^(?:${ESC}\\[2K(?:${ESC}\\[1A)?)+(?:${ESC}\\[G)?`);

/**
 * Lines that stay, above the tree: they go out with its next frame, between wiping the old and drawing the new one. A
 * receipt must be on the terminal as it comes in, for the run may be killed. `restore` writes what is left.
 */
function linesAbove(stream: NodeJS.WriteStream): { add(line: string): void; restore(): void } {
  const original = stream.write;
  const write = original.bind(stream);
  let pending = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    const wipe = pending === '' || typeof chunk !== 'string' ? null : WIPE.exec(chunk);
    if (wipe === null || typeof chunk !== 'string') return write(chunk);
    const lines = pending;
    pending = '';
    return write(`${wipe[0]}${lines}${chunk.slice(wipe[0].length)}`);
  };
  return {
    add(line) {
      pending += `${line}\n`;
    },
    restore() {
      stream.write = original;
      if (pending !== '') write(pending);
      pending = '';
    },
  };
}

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
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2');
  // listr2 looks whether stdout is a terminal and falls back to plain lines on it: but that is where the result goes.
  class Tree extends DefaultRenderer {
    static override nonTTY = true;
  }
  let waiting: readonly Waiting[] = [];
  let drawn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const above = linesAbove(stream);
  const titles = new Map<RowProgress, (title: string) => void>();

  const draw = (): void => {
    timer = undefined;
    for (const { row } of waiting) titles.get(row)?.(row.title);
  };

  return {
    open(rows) {
      waiting = rows.map(waitFor);
      const tree = new Listr(
        waiting.map(({ row, done }) => ({
          title: row.title,
          task: async (_: unknown, task: { title: string }) => {
            titles.set(row, (title) => {
              task.title = title;
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
          renderer: Tree,
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
      above.add(text);
      timer ??= setTimeout(draw, TITLES_EVERY_MS);
    },
    async close() {
      if (timer !== undefined) clearTimeout(timer);
      for (const { finish } of waiting) finish();
      await drawn;
      above.restore();
    },
  };
}
