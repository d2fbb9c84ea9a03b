import { Histogram } from '../src/metrics/histogram.ts'
import { type LoadResult, type Times, WINDOW_MS, type Windows } from './load-order.ts'

/** The histogram that these are of. */
export function histogramOf({ sparse, meanMs, count, maxMs }: Times): Histogram {
  const histogram = new Histogram()
  histogram.addSparse(sparse, meanMs * count, maxMs)
  return histogram
}

export const timesOf = (histogram: Histogram): Times => ({
  count: histogram.count,
  meanMs: histogram.meanMs,
  p50Ms: histogram.percentile(0.5),
  p90Ms: histogram.percentile(0.9),
  p99Ms: histogram.percentile(0.99),
  p999Ms: histogram.percentile(0.999),
  p9999Ms: histogram.percentile(0.9999),
  maxMs: histogram.maxMs,
  sparse: histogram.sparse(),
})

const REFUSALS = [429, 503]

/** What a load has seen since it began to measure. */
export class Tally {
  readonly #times = new Histogram()
  readonly #refused = new Histogram()
  readonly #named: { times: Histogram; failed: number }[]
  readonly #failed: Record<string, number> = {}
  readonly #windows: Windows = { answered: [], failed: [], p50Ms: [], p99Ms: [] }
  readonly #window = new Histogram()
  #lost = 0
  #windowFailed = 0
  #windowEndsAt = Number.POSITIVE_INFINITY
  #startedAt = Number.POSITIVE_INFINITY
  #isOver = false
  #answers = 0

  constructor(
    private readonly names: readonly string[],
    private readonly isOpen: boolean,
  ) {
    this.#named = names.map(() => ({ times: new Histogram(), failed: 0 }))
  }

  /** Answered with success while it was measured; in an open loop, those that were due then. */
  get requests() {
    return this.isOpen ? this.#times.count : this.#answers
  }

  begin() {
    this.#startedAt = performance.now()
    this.#windowEndsAt = this.#startedAt + WINDOW_MS
  }

  /** Windows in which nobody was answered are windows too. */
  end() {
    if (!this.#isOver) this.#roll(performance.now())
    this.#isOver = true
  }

  /** @param fromAt when it was due, or sent. */
  answered(name: number, fromAt: number) {
    const now = performance.now()
    if (!this.#isOver && now >= this.#startedAt) this.#answers++
    if (this.#isOver || fromAt < this.#startedAt) return
    const ms = now - fromAt
    this.#roll(now)
    this.#times.add(ms)
    this.#window.add(ms)
    this.#named[name]?.times.add(ms)
  }

  failed(name: number, status: number, sentAt: number) {
    if (status === 0) this.#lost++
    const now = performance.now()
    // What could not even connect was never sent.
    if (this.#isOver || (sentAt || now) < this.#startedAt) return
    this.#failed[status] = (this.#failed[status] ?? 0) + 1
    this.#roll(now)
    this.#windowFailed++
    const named = this.#named[name]
    if (named) named.failed++
    if (REFUSALS.includes(status)) this.#refused.add(now - sentAt)
  }

  result() {
    return {
      ...timesOf(this.#times),
      requests: this.requests,
      failed: this.#failed,
      lost: this.#lost,
      refused: timesOf(this.#refused),
      named: this.#named.map(({ times, failed }, index) => ({
        name: this.names[index] as string,
        failed,
        ...timesOf(times),
      })),
      windows: this.#windows,
    } satisfies Partial<LoadResult>
  }

  #roll(now: number) {
    while (now >= this.#windowEndsAt) {
      this.#windows.answered.push(this.#window.count)
      this.#windows.failed.push(this.#windowFailed)
      this.#windows.p50Ms.push(this.#window.percentile(0.5))
      this.#windows.p99Ms.push(this.#window.percentile(0.99))
      this.#window.clear()
      this.#windowFailed = 0
      this.#windowEndsAt += WINDOW_MS
    }
  }
}
