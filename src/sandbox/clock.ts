const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const LAST = Date.parse('9998-01-01T00:00:00Z');

/** Milliseconds of a duration such as `8d`, `90m`, `1d12h`; null when it is none. */
export function durationOf(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(?:\d{1,6}[smhd])+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

/** A clock that can be moved: real time and an offset. While a request is done it stands, so that a restart can do it again. */
export class Clock {
  readonly #real: () => number;
  #offset = 0;
  #still: number | null = null;
  #replaying = false;

  constructor(real: () => number) {
    this.#real = real;
  }

  /** How far it was moved, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  /** A kept request is being done again. */
  get replaying(): boolean {
    return this.#replaying;
  }

  now(): number {
    return this.#still ?? this.#real() + this.#offset;
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }

  /** Moves on. False, and nothing done, when that would leave the years that dates can name. */
  advance(ms: number): boolean {
    if (this.now() + ms > LAST) return false;
    this.#offset += ms;
    return true;
  }

  /** Stands this many milliseconds from the real time; 0 is now. */
  set(offset: number): void {
    this.#offset = offset;
  }

  /** Does work while the clock stands. */
  still<T>(work: () => T): T {
    const outer = this.#still;
    this.#still = this.now();
    try {
      return work();
    } finally {
      this.#still = outer;
    }
  }

  /** Does kept work again, as if it were its time. */
  at(time: string, work: () => void): void {
    this.#still = Date.parse(time);
    this.#replaying = true;
    try {
      work();
    } finally {
      this.#still = null;
      this.#replaying = false;
    }
  }
}
