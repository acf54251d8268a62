/** A list that forgets its oldest items, so that a long benchmark does not fill the memory. */
export class Bounded<T> {
  readonly #most: number;
  readonly #weigh: (item: T) => number;
  readonly #heaviest: number;
  #items: T[] = [];
  #weight = 0;
  #forgotten = 0;

  constructor(limits: { readonly most: number; readonly heaviest: number; readonly weigh: (item: T) => number }) {
    this.#most = limits.most;
    this.#heaviest = limits.heaviest;
    this.#weigh = limits.weigh;
  }

  /** Oldest first. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** How many were added before the oldest that is still here. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The n-th item that was added, from 0; undefined when it is forgotten. */
  at(n: number): T | undefined {
    return this.#items[n - this.#forgotten];
  }

  add(item: T): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
    if (this.#items.length > 2 * this.#most || this.#weight > 2 * this.#heaviest) this.#trim();
  }

  clear(): void {
    this.#items = [];
    this.#weight = 0;
    this.#forgotten = 0;
  }

  #trim(): void {
    let weight = 0;
    let from = this.#items.length;
    while (from > 0 && this.#items.length - from < this.#most) {
      const item = this.#items[from - 1];
      if (item === undefined) break;
      const more = this.#weigh(item);
      if (weight + more > this.#heaviest) break;
      weight += more;
      from -= 1;
    }
    this.#items = this.#items.slice(from);
    this.#forgotten += from;
    this.#weight = weight;
  }
}
