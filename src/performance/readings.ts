import { availableParallelism } from 'node:os'
import { Histogram } from '../metrics/histogram.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Sample } from './samples.ts'

/** Read now and then: memory in bytes, and how much waits for the database. */
type Level = 'memory' | 'database_queue'

interface Levels {
  count: number
  total: number
  largest: number
}

/**
 * Facts of this process since the last `take()`: levels that are read off now and then, waits that `metrics` counts,
 * and CPU time, in hundredths of a percent of all processors.
 */
export class Readings {
  readonly #processors = availableParallelism()
  #levels = new Map<Level, Levels>()
  #sinceMs = performance.now()
  #cpu = process.cpuUsage()
  readonly #waits: { name: string; of: Histogram; seen: Histogram }[]

  constructor(private readonly metrics: Pick<Metrics, 'storage' | 'eventLoop'>) {
    const { eventLoop, storage } = metrics
    this.#waits = [
      { name: 'event_loop_lag', of: eventLoop.lag, seen: new Histogram() },
      // One of the two: until the one writer is ours, or a connection of the pool.
      { name: 'database_wait', of: storage.writerWait, seen: new Histogram() },
      { name: 'database_wait', of: storage.poolWait, seen: new Histogram() },
    ]
  }

  /** Costs some microseconds; the more often, the surer is the largest. */
  look() {
    const { storage } = this.metrics
    this.#read('memory', process.memoryUsage.rss())
    this.#read('database_queue', storage.writerQueue() + storage.poolWaiting)
  }

  peek(): Sample[] {
    this.look()
    const levels = [...this.#levels].map(([name, level]) => fact(name, level))
    const waits = this.#waits.map(({ name, of, seen }) => {
      const { count, sumMs, maxMs, buckets } = of.since(seen)
      return fact(name, { count, total: sumMs * 1_000, largest: maxMs * 1_000, buckets })
    })
    const cpu = this.#cpuShare()
    return [...levels, ...waits, fact('cpu', { count: 1, total: cpu, largest: cpu })]
  }

  take(): Sample[] {
    const taken = this.peek()
    this.#levels = new Map()
    for (const { of, seen } of this.#waits) seen.copy(of)
    this.#sinceMs = performance.now()
    this.#cpu = process.cpuUsage()
    return taken
  }

  #read(name: Level, value: number) {
    const { count, total, largest } = this.#levels.get(name) ?? { count: 0, total: 0, largest: 0 }
    this.#levels.set(name, { count: count + 1, total: total + value, largest: Math.max(largest, value) })
  }

  #cpuShare() {
    const { user, system } = process.cpuUsage(this.#cpu)
    const spanMs = Math.max(performance.now() - this.#sinceMs, 1)
    const share = (user + system) / 1_000 / spanMs / this.#processors
    return Math.round(Math.min(share, 1) * 10_000)
  }
}

const fact = (name: string, measured: Partial<Sample>): Sample => ({
  kind: 'process',
  name,
  count: 0,
  good: 0,
  failed: 0,
  total: 0,
  largest: 0,
  targetMs: null,
  buckets: [],
  ...measured,
})
