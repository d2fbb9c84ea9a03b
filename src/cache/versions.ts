const SLOTS = 65_536
/** Of all slots, and of 0, which is none. */
const RANGE = 2 * SLOTS
/** As many fit into one number. */
const PACKED_MOST = 3

/** What something depends on: up to three slots as the digits of one number, which a hundred thousand entries have. */
export type Slots = number | readonly number[]

/**
 * What every consume changes. In one range with the others, ten thousand customers who spend would drop every
 * fourth session and subscription that is kept, over and over.
 */
const BUSY = /^(?:tokens:|usage$)/

/**
 * When each tag was last changed, on a scale that counts changes. Tags share slots by hash, so that memory is
 * bounded: a clash only drops an entry too many.
 */
export class TagVersions {
  readonly #changedAt = new Float64Array(RANGE)
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
    return 1 + (Number(Bun.hash.crc32(tag)) % (SLOTS - 1)) + (BUSY.test(tag) ? SLOTS : 0)
  }

  slots(tags: readonly string[]): Slots {
    const slots = tags.map((tag) => this.slot(tag))
    return slots.length > PACKED_MOST ? slots : slots.reduce((packed, slot) => packed * RANGE + slot, 0)
  }

  /** Whether none of these has changed since then. */
  unchanged(slots: Slots, since: number) {
    if (since < this.#clearedAt) return false
    const isOld = (slot: number) => (this.#changedAt[slot] as number) <= since
    if (typeof slots !== 'number') return slots.every(isOld)
    // Without %, which takes ten times as long where numbers are this large.
    for (let rest = slots, others = 0; rest > 0; rest = others) {
      others = Math.floor(rest / RANGE)
      if (!isOld(rest - others * RANGE)) return false
    }
    return true
  }
}
