import type { Logger } from 'pino'
import type { CacheCounts, Caches } from '../cache/cache.ts'
import { type Clock, dayOf, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import { type Times, upperMs } from '../metrics/histogram.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Change, Reader, RouteSeries, StatementSeries } from '../metrics/recorder.ts'
import type { Db, Tx } from '../storage/storage.ts'
import { judgeTargets, openMisses } from './misses.ts'
import { minuteOf } from './ranges.ts'
import { Readings } from './readings.ts'
import { Merged, type Minute, type PlacedSample, type Sample, saveMinutes } from './samples.ts'

/** Statements of one minute that are kept apart; the others, which took the least time, are one. */
const MOST_STATEMENTS = 100
const OTHER = 'other'
/** Minutes that wait for a database that takes nothing in; older ones are given up. */
const MOST_WAITING = 30
const LOOK_EVERY_MS = 5 * SECOND_MS
/** After the minute's end: first every node writes down its own, then all are judged. */
const FLUSH_AFTER_MS = 500
const JUDGE_AFTER_MS = 10 * SECOND_MS

export interface Host {
  readonly db: Db
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly metrics: Metrics
  readonly caches: Caches
  readonly clock: Clock
  readonly log: Logger
}

/** Writes down, minute by minute, what this process measures, and judges it. */
export class Keeper {
  readonly #routes: Reader<RouteSeries>
  readonly #statements: Reader<StatementSeries>
  readonly #readings: Readings
  /** What each cache had counted when it was last written down. */
  #caches = new Map<string, CacheCounts>()
  #since: number
  #waiting: Minute[] = []
  #timers: Timer[] = []
  #writing: Promise<void> = Promise.resolve()
  /** Statements whose SQL was handed over today. */
  #named = { day: 0, names: new Set<string>() }

  /** @param node as reports call this process; the same after a restart. */
  constructor(
    private readonly host: Host,
    readonly node: string,
  ) {
    this.#routes = host.metrics.routes.reader()
    this.#statements = host.metrics.statements.reader()
    this.#readings = new Readings(host.metrics)
    this.#since = host.clock()
  }

  start() {
    this.#timers.push(setInterval(() => this.#readings.look(), LOOK_EVERY_MS))
    this.#atMinute(FLUSH_AFTER_MS, () => this.flush())
    this.#atMinute(JUDGE_AFTER_MS, () => this.judge())
    for (const timer of this.#timers) timer.unref()
  }

  /** Writes down what there is of the present minute. */
  async stop() {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer)
    await this.flush()
  }

  /** What is not in the database yet. */
  live(): PlacedSample[] {
    const present = { at: minuteOf(this.#since), samples: this.#measured('peek') }
    return [...this.#waiting, present].flatMap(({ at, samples }) =>
      samples.map((sample) => ({ ...sample, at, node: this.node })),
    )
  }

  /** The SQL of what `live()` names. */
  liveSql(): Map<string, string> {
    return new Map([...this.host.metrics.statements.all()].map(({ name, sql }) => [name, sql]))
  }

  /** Writes down what was measured since the last time, as of the minute when that began. Does not throw. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#flush())
    return this.#writing
  }

  async #flush() {
    const at = minuteOf(this.#since)
    this.#since = this.host.clock()
    const samples = this.#measured('take')
    this.#waiting.push({ at, samples, sql: this.#newSql(samples) })
    this.#waiting = this.#waiting.slice(-MOST_WAITING)
    const minutes = this.#waiting
    try {
      await this.host.write((tx) => saveMinutes(tx, this.node, minutes))
      this.#waiting = []
    } catch (error) {
      this.host.log.warn(
        { err: error },
        'what was measured could not be written down; it is kept and tried again',
      )
    }
  }

  /** Once a day is enough: the SQL of a name does not change. */
  #newSql(samples: readonly Sample[]) {
    const day = dayOf(this.#since)
    if (day !== this.#named.day) this.#named = { day, names: new Set() }
    const sql = new Map<string, string>()
    const known = this.liveSql()
    for (const { kind, name } of samples) {
      const text = known.get(name)
      if (kind !== 'statement' || !text || this.#named.names.has(name)) continue
      sql.set(name, text)
      this.#named.names.add(name)
    }
    return sql
  }

  /** Records targets that are missed and met again; tells the log and the metrics. Does not throw. */
  judge(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#judge())
    return this.#writing
  }

  async #judge() {
    const { log, metrics } = this.host
    try {
      const { missed, recovered } = await this.host.write((tx) => judgeTargets(tx))
      for (const miss of missed) log.warn(miss, 'a target was missed for five minutes')
      for (const miss of recovered) log.info(miss, 'a target is met again')
      metrics.targetMissed.reset()
      for (const target of await openMisses(this.host.db)) metrics.targetMissed.set({ target }, 1)
    } catch (error) {
      log.warn({ err: error }, 'the targets could not be judged')
    }
  }

  /** Each minute, so long after it has begun. */
  #atMinute(afterMs: number, work: () => Promise<void>) {
    const index = this.#timers.length
    const wait = () => {
      const inMs = MINUTE_MS - ((Date.now() - afterMs) % MINUTE_MS)
      this.#timers[index] = setTimeout(
        () => void work().finally(() => this.#timers.length > 0 && wait()),
        inMs,
      )
      this.#timers[index]?.unref()
    }
    wait()
  }

  #measured(how: 'take' | 'peek'): Sample[] {
    const routes = this.#routes[how]()
    const statements = this.#statements[how]().map(statementSample)
    return [
      ...routes.map(routeSample),
      shed(routes),
      ...fewer(statements),
      ...together(statements),
      ...this.#cacheSamples(how),
      ...this.#readings[how](),
    ].filter(({ count, failed }) => count > 0 || failed > 0)
  }

  #cacheSamples(how: 'take' | 'peek'): Sample[] {
    const { all } = this.host.caches
    const samples = all.map(({ name, counts }): Sample => {
      const before = this.#caches.get(name)
      const good = counts.hits - (before?.hits ?? 0)
      return {
        ...NOTHING,
        kind: 'cache',
        name,
        count: lookups(counts) - (before ? lookups(before) : 0),
        good,
      }
    })
    if (how === 'take') this.#caches = new Map(all.map(({ name, counts }) => [name, { ...counts }]))
    return samples
  }
}

const NOTHING = { count: 0, good: 0, failed: 0, total: 0, largest: 0, targetMs: null, buckets: [] }

/** Who waited for another's load was not served from memory. */
const lookups = ({ hits, misses, shared }: CacheCounts) => hits + misses + shared

const times = ({ count, sumMs, maxMs, buckets }: Times) => ({
  count,
  total: Math.round(sumMs * 1_000),
  largest: Math.round(maxMs * 1_000),
  buckets,
})

function routeSample(change: Change<RouteSeries>): Sample {
  const { method, path, targetMs } = change.of
  const good = within(change.buckets, targetMs)
  const failed = change.counters['5xx']
  return { kind: 'route', name: `${method} ${path}`, ...times(change), good, failed, targetMs }
}

function statementSample(change: Change<StatementSeries>): Sample {
  const { failed } = change.counters
  return { kind: 'statement', name: change.of.name, ...times(change), good: 0, failed, targetMs: null }
}

/** Requests refused unheard, for there was too much at once: on no route's account. */
function shed(routes: readonly Change<RouteSeries>[]): Sample {
  const total = routes.reduce((sum, { counters }) => sum + counters.shed, 0)
  return { ...NOTHING, kind: 'process', name: 'shed', count: total, total, largest: total }
}

/** How many of the times are within the target; one bucket, 1 % wide, lies across it and counts as within. */
function within(buckets: readonly number[], targetMs: number) {
  let good = 0
  for (let i = 0; i < buckets.length; i += 2) {
    const lowerMs = upperMs((buckets[i] as number) - 1)
    if (lowerMs < targetMs) good += buckets[i + 1] as number
  }
  return good
}

/** Those that took the most time, and the rest as one. */
function fewer(statements: Sample[]): Sample[] {
  const sorted = statements.toSorted((a, b) => b.total - a.total)
  const named = sorted.slice(0, MOST_STATEMENTS).filter(({ name }) => name !== OTHER)
  const rest = sorted.filter((sample) => !named.includes(sample))
  return rest.length === 0 ? named : [...named, mergedAs(rest, 'statement', OTHER)]
}

/** All statements as one: the time that the database takes. */
const together = (statements: Sample[]) =>
  statements.length === 0 ? [] : [mergedAs(statements, 'database', 'all')]

function mergedAs(samples: readonly Sample[], kind: 'statement' | 'database', name: string): Sample {
  const merged = new Merged()
  for (const sample of samples) merged.add(sample)
  return merged.as(kind, name)
}
