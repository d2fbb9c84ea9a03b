/** Runs what it is given one at a time, in the order of asking. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve()
  #held = 0

  /** @param taken told each time that it is, before any work of theirs. */
  constructor(private readonly taken: () => void = () => {}) {}

  get isHeld() {
    return this.#held > 0
  }

  /** Those who wait for their turn. */
  get waiting() {
    return Math.max(this.#held - 1, 0)
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#held++
    this.taken()
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => {})
    try {
      return await turn
    } finally {
      this.#held--
    }
  }
}
