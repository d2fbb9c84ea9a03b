const LOWEST_MS = 0.005
const STEP = Math.log(1.01)
const BUCKETS = 2_000
/** Buckets that are there together, from when one of them counts something: most have few. */
const PAGE_BITS = 7
const PAGE = 2 ** PAGE_BITS
const PAGES = Math.ceil(BUCKETS / PAGE)

/** Counts by bucket, only of those that have any: `[bucket, count, bucket, count, …]`, buckets ascending. */
export type Sparse = number[]

/** Times as figures that add up: those of several minutes or nodes go into one histogram by `addSparse`. */
export interface Times {
  count: number
  sumMs: number
  maxMs: number
  buckets: Sparse
}

/** The longest time that a bucket counts. */
export const upperMs = (bucket: number) => LOWEST_MS * Math.exp(bucket * STEP)

function bucketOf(ms: number) {
  const bucket = ms <= LOWEST_MS ? 0 : Math.ceil(Math.log(ms / LOWEST_MS) / STEP)
  return Math.min(bucket, BUCKETS - 1)
}

/** Times in buckets 1 % apart, from 5 µs to 40 minutes. */
export class Histogram {
  readonly #pages: (Uint32Array | undefined)[] = []
  count = 0
  sumMs = 0
  maxMs = 0

  add(ms: number) {
    this.#raise(bucketOf(ms), 1)
    this.count++
    this.sumMs += ms
    if (ms > this.maxMs) this.maxMs = ms
  }

  /** Milliseconds that this share of all times does not exceed, 1 % too many at the most. */
  percentile(share: number): number {
    let left = Math.ceil(this.count * share)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#in(bucket)
      if (left <= 0) return Math.min(upperMs(bucket), this.maxMs)
    }
    return this.maxMs
  }

  get meanMs() {
    return this.count === 0 ? 0 : this.sumMs / this.count
  }

  /** How many times were within each of these, ascending; those that pass it by less than 1 % count as within. */
  within(edgesMs: readonly number[]): number[] {
    let bucket = 0
    let count = 0
    return edgesMs.map((edgeMs) => {
      for (const last = bucketOf(edgeMs); bucket <= last; bucket++) count += this.#in(bucket)
      return count
    })
  }

  sparse(): Sparse {
    return this.#more(EMPTY)
  }

  /** Adds what another one has counted, kept as `sparse()`, with its sum and its largest time. */
  addSparse(sparse: Sparse, sumMs: number, maxMs: number) {
    for (let i = 0; i < sparse.length; i += 2) {
      const bucket = sparse[i] as number
      const count = sparse[i + 1] as number
      this.#raise(bucket, count)
      this.count += count
    }
    this.sumMs += sumMs
    if (maxMs > this.maxMs) this.maxMs = maxMs
  }

  /** What it has counted since it was equal to `earlier`; its largest time to 1 %. */
  since(earlier: Histogram): Times {
    const buckets = this.#more(earlier)
    const last = buckets.at(-2)
    return {
      count: this.count - earlier.count,
      sumMs: this.sumMs - earlier.sumMs,
      maxMs: last === undefined ? 0 : Math.min(upperMs(last), this.maxMs),
      buckets,
    }
  }

  /** Becomes equal to `other`. */
  copy(other: Histogram) {
    for (let page = 0; page < PAGES; page++) this.#pages[page] = other.#pages[page]?.slice()
    this.count = other.count
    this.sumMs = other.sumMs
    this.maxMs = other.maxMs
  }

  clear() {
    this.#pages.length = 0
    this.count = 0
    this.sumMs = 0
    this.maxMs = 0
  }

  #in(bucket: number) {
    return this.#pages[bucket >> PAGE_BITS]?.[bucket & (PAGE - 1)] ?? 0
  }

  #raise(bucket: number, by: number) {
    const at = bucket >> PAGE_BITS
    const nth = bucket & (PAGE - 1)
    const page = this.#pages[at] ?? new Uint32Array(PAGE)
    page[nth] = (page[nth] as number) + by
    this.#pages[at] = page
  }

  /** What it has in each bucket beyond what `other` has there. */
  #more(other: Histogram): Sparse {
    const sparse: Sparse = []
    for (let at = 0; at < this.#pages.length; at++) {
      const page = this.#pages[at]
      if (!page) continue
      const less = other.#pages[at]
      for (let nth = 0; nth < PAGE; nth++) {
        const more = (page[nth] as number) - (less?.[nth] ?? 0)
        if (more > 0) sparse.push(at * PAGE + nth, more)
      }
    }
    return sparse
  }
}

const EMPTY = new Histogram()
