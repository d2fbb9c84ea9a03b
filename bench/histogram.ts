const LOWEST_MS = 0.005
const STEP = Math.log(1.01)

/** Times in buckets 1 % apart, from 5 µs up. */
export class Histogram {
  readonly #buckets = new Uint32Array(2_000)
  count = 0
  maxMs = 0

  add(ms: number) {
    const index = ms <= LOWEST_MS ? 0 : Math.ceil(Math.log(ms / LOWEST_MS) / STEP)
    const bucket = Math.min(index, this.#buckets.length - 1)
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1
    this.count++
    if (ms > this.maxMs) this.maxMs = ms
  }

  /** Milliseconds that this share of all times does not exceed, 1 % too many at the most. */
  percentile(share: number): number {
    let left = Math.ceil(this.count * share)
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket] as number
      if (left <= 0) return Math.min(LOWEST_MS * Math.exp(bucket * STEP), this.maxMs)
    }
    return this.maxMs
  }
}
