/** One figure. `value` is compared with `target` as it stands, so a ratio's target is a ratio. */
export interface Measure {
  readonly what: string;
  readonly value: number;
  readonly unit: 'x' | 'ms' | 's' | 'us' | 'MB' | '%' | 'rows/s' | '';
  readonly target?: { readonly at: 'most' | 'least'; readonly value: number };
  /** The figures behind a ratio. */
  readonly detail?: string;
}

/** What could not be measured, and what is missing for it. */
export interface Missing {
  readonly what: string;
  readonly missing: string;
}

export type Finding = Measure | Missing;

/** What a part uses of the run it belongs to. */
export interface Bench {
  /** A folder of this part alone, removed afterwards. */
  readonly folder: string;
  /** Aborted when the part's time is over. */
  readonly signal: AbortSignal;
  /** Progress, for people. */
  say(text: string): void;
  /** A figure, as soon as it is there: what was measured before a part failed is still printed. */
  found(finding: Finding): void;
}

/** A part of the benchmark: `npm run bench -- --only NAME`. */
export interface Part {
  readonly name: string;
  readonly what: string;
  /** Seconds it may take; past them it is an error. */
  readonly seconds: number;
  /** Only with `--peers`. */
  readonly peers?: true;
  run(bench: Bench): Promise<void>;
}

/** At most this much. */
export function atMost(value: number): NonNullable<Measure['target']> {
  return { at: 'most', value };
}

/** At least this much. */
export function atLeast(value: number): NonNullable<Measure['target']> {
  return { at: 'least', value };
}

/** Whether a figure meets its target; null when it has none. */
export function met({ value, target }: Measure): boolean | null {
  if (target === undefined) return null;
  return target.at === 'most' ? value <= target.value : value >= target.value;
}

/** The middle value; of two middle ones the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[(sorted.length - 1) >> 1];
  if (middle === undefined) throw new Error('no values, no median');
  return middle;
}
