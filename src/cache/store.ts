/** What a store has to know of each entry. */
export interface Kept {
  bytes: number
  /** Asked for since it was kept, or since the store last looked for something to drop. */
  isUsed: boolean
}

/**
 * Entries within a number and an amount of bytes. What was not asked for since the last look is dropped first (SIEVE:
 * Zhang et al., NSDI 2024): a look-up marks its entry and moves nothing, where a list by last use is rewritten each time.
 */
export class Store<K, E extends Kept> {
  readonly #entries = new Map<K, E>()
  /** From the oldest to the newest, and from the start again. One that began anew each time would walk over all that is gone. */
  #hand = this.#entries.entries()
  #bytes = 0

  constructor(
    private readonly most: number,
    private readonly mostBytes = Number.POSITIVE_INFINITY,
  ) {}

  get size() {
    return this.#entries.size
  }

  get bytes() {
    return this.#bytes
  }

  get(key: K): E | undefined {
    const entry = this.#entries.get(key)
    if (entry) entry.isUsed = true
    return entry
  }

  /** Without a mark that it was asked for. */
  peek(key: K): E | undefined {
    return this.#entries.get(key)
  }

  /** Instead of what was kept by that key. What is larger than all may be is not kept. @returns how many were dropped. */
  set(key: K, entry: E): number {
    this.delete(key)
    if (entry.bytes > this.mostBytes) return 0
    let dropped = 0
    for (; this.size >= this.most || this.#bytes + entry.bytes > this.mostBytes; dropped++) this.#dropOne()
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
    return dropped
  }

  delete(key: K) {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }

  #dropOne() {
    for (;;) {
      const { value, done } = this.#hand.next()
      if (done) {
        this.#hand = this.#entries.entries()
      } else {
        const [key, entry] = value
        if (!entry.isUsed) return this.delete(key)
        entry.isUsed = false
      }
    }
  }
}
