import type { Change } from '../plan/types.ts';
import type { RunChange } from '../state/types.ts';

/** One line of the task tree: a phase, or a flow. Never a line an object: a tree of thousands would stop the terminal. */
export interface RowSpec {
  readonly id: string;
  readonly label: string;
  readonly keys: ReadonlySet<string>;
}

/** At most this many rows are drawn; past it all flows share one. */
const MOST_ROWS = 20;
const PHASES = 4;

function rowOfKeys(id: string, label: string, changes: readonly Change[]): RowSpec[] {
  return changes.length === 0 ? [] : [{ id, label, keys: new Set(changes.map((change) => change.key)) }];
}

/** The rows of a run: nodes, edges, one for each flow, deletes. */
export function rowsFor(changes: readonly Change[]): readonly RowSpec[] {
  const kept = changes.filter((change) => change.action !== 'delete');
  const flows = kept.filter((change) => change.kind === 'flow');
  const flowRows =
    flows.length + PHASES <= MOST_ROWS
      ? flows.flatMap((change) => rowOfKeys(change.key, change.key.slice('flow:'.length), [change]))
      : rowOfKeys('flows', 'flows', flows);
  return [
    ...rowOfKeys(
      'nodes',
      'nodes',
      kept.filter((change) => change.kind === 'node'),
    ),
    ...rowOfKeys(
      'edges',
      'edges',
      kept.filter((change) => change.kind === 'edge'),
    ),
    ...flowRows,
    ...rowOfKeys(
      'deletes',
      'deletes',
      changes.filter((change) => change.action === 'delete'),
    ),
  ];
}

/** How far a row is. `detail` is the last thing a flow said (`212 tables · 9,204 columns`). */
export class RowProgress {
  readonly spec: RowSpec;
  #ended = 0;
  #bad: RunChange[] = [];
  #detail = (): string => '';

  constructor(spec: RowSpec) {
    this.spec = spec;
  }

  say(detail: () => string): void {
    this.#detail = detail;
  }

  end(row: RunChange): void {
    this.#ended += 1;
    if (row.status !== 'done') this.#bad.push(row);
  }

  get finished(): boolean {
    return this.#ended === this.spec.keys.size;
  }

  get bad(): readonly RunChange[] {
    return this.#bad;
  }

  get title(): string {
    const count =
      this.spec.keys.size > 1 || !this.spec.id.startsWith('flow:') ? `${this.#ended} of ${this.spec.keys.size}` : '';
    return [this.spec.label.padEnd(12), [count, this.#detail()].filter((part) => part !== '').join(' · ')]
      .join(' ')
      .trimEnd();
  }
}

export interface View {
  open(rows: readonly RowProgress[]): void;
  /** Something about a row changed. */
  update(row: RowProgress): void;
  /** A line for the log: a receipt, a warning. */
  line(text: string): void;
  close(): Promise<void>;
}

/** Feeds what happens to the rows it belongs to. */
export class Progress {
  readonly rows: readonly RowProgress[];
  readonly #view: View;

  constructor(changes: readonly Change[], view: View) {
    this.rows = rowsFor(changes).map((spec) => new RowProgress(spec));
    this.#view = view;
    view.open(this.rows);
  }

  say(key: string, detail: () => string): void {
    const row = this.#row(key, 'say');
    row?.say(detail);
    if (row !== undefined) this.#view.update(row);
  }

  end(result: RunChange): void {
    const row = this.#row(result.key, result.action);
    row?.end(result);
    if (row !== undefined) this.#view.update(row);
  }

  line(text: string): void {
    this.#view.line(text);
  }

  async close(): Promise<void> {
    await this.#view.close();
  }

  #row(key: string, action: string): RowProgress | undefined {
    const fitting = this.rows.filter((row) => row.spec.keys.has(key));
    return fitting.find((row) => (row.spec.id === 'deletes') === (action === 'delete')) ?? fitting[0];
  }
}
