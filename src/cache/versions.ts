const SLOTS = 65_536

/**
 * When each tag was last changed, on a scale that counts changes. Tags share slots by hash, so that memory is
 * bounded: a clash only drops an entry too many.
 */
export class TagVersions {
  readonly #changedAt = new Float64Array(SLOTS)
  #sequence = 0
  #clearedAt = 0

  /** The present, to be asked before a load: what changes during it has changed since. */
  now() {
    return this.#sequence
  }

  bump(tags: Iterable<string>) {
    this.#sequence++
    for (const tag of tags) this.#changedAt[this.slot(tag)] = this.#sequence
  }

  bumpSlots(slots: Iterable<number>) {
    this.#sequence++
    for (const slot of slots) this.#changedAt[slot] = this.#sequence
  }

  /** Everything may have changed. */
  bumpAll() {
    this.#clearedAt = ++this.#sequence
  }

  /** The same on every node. */
  slot(tag: string) {
    return Number(Bun.hash.crc32(tag)) % SLOTS
  }

  /** Whether none of these has changed since then. */
  unchanged(slots: readonly number[], since: number) {
    if (since < this.#clearedAt) return false
    for (const slot of slots) if ((this.#changedAt[slot] as number) > since) return false
    return true
  }
}
