import { fingerprint } from './fingerprint.ts'
import { Histogram, type Times } from './histogram.ts'

/** Distinct statements that are told apart; what comes after them is counted as `other`. */
const MOST_STATEMENTS = 500
/** Spellings of them (lists of other lengths, say) whose statement is remembered. */
const MOST_SPELLINGS = 4_000
/** Longer ones are read anew each time: hundreds of rows in one INSERT would fill the memory with their numbers. */
const LONGEST_SPELLING = 4_000

/** Something that happens over and over: how long it took, and how it ended. */
export interface Series {
  readonly times: Histogram
  /** Only ever grow. */
  readonly counters: Record<string, number>
}

/** One route. A request that was shed is in no other figure: it says nothing about how fast the route is. */
export class RouteSeries implements Series {
  readonly times = new Histogram()
  readonly counters = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, shed: 0 }

  constructor(
    readonly method: string,
    readonly path: string,
    readonly targetMs: number,
  ) {}

  answered(status: number, ms: number) {
    this.times.add(ms)
    if (status >= 200 && status < 300) this.counters['2xx']++
    else this.counters[CLASSES[Math.floor(status / 100)] ?? '5xx']++
  }

  /** Refused unheard, for there was too much at once. */
  shed() {
    this.counters.shed++
  }
}

const CLASSES = ['5xx', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** One SQL statement, in all its spellings. `failed` ones are timed as well: a time-out is a long time. */
export class StatementSeries implements Series {
  readonly times = new Histogram()
  readonly counters = { rows: 0, failed: 0 }

  /** As it was first sent: parameters, no values. One of more than 4,000 characters is cut, and ends in `…`. */
  readonly sql: string

  constructor(
    readonly name: string,
    sql: string,
  ) {
    this.sql = sql.length > LONGEST_SPELLING ? `${sql.slice(0, LONGEST_SPELLING)}…` : sql
  }
}

/** What one series counted between two looks of a reader. */
export interface Change<S extends Series> extends Times {
  of: S
  counters: S['counters']
}

/**
 * Sees what was counted since its own last `take()`; readers don't disturb each other. A new one starts at zero: its
 * first look shows everything since the process started.
 */
export class Reader<S extends Series> {
  readonly #seen = new Map<S, { times: Histogram; counters: Record<string, number> }>()

  constructor(private readonly all: () => Iterable<S>) {}

  /** The changes since the last `take()`, of the series that have any; the next one starts from here. */
  take(): Change<S>[] {
    const changes = this.peek()
    for (const { of } of changes) {
      const seen = this.#seen.get(of) ?? { times: new Histogram(), counters: {} }
      seen.times.copy(of.times)
      Object.assign(seen.counters, of.counters)
      this.#seen.set(of, seen)
    }
    return changes
  }

  /** What `take()` would return now, left where it is. */
  peek(): Change<S>[] {
    const changes: Change<S>[] = []
    for (const of of this.all()) {
      const seen = this.#seen.get(of)
      const counters = difference(of.counters, seen?.counters ?? {})
      const quiet =
        of.times.count === (seen?.times.count ?? 0) && Object.values(counters).every((n) => n === 0)
      if (!quiet) changes.push({ of, ...of.times.since(seen?.times ?? EMPTY), counters })
    }
    return changes
  }
}

const EMPTY = new Histogram()

const difference = <C extends Record<string, number>>(now: C, before: Record<string, number>) =>
  Object.fromEntries(Object.entries(now).map(([name, n]) => [name, n - (before[name] ?? 0)])) as C

/** `metrics.routes`: every route that is served. */
export class Routes {
  readonly #series: RouteSeries[] = []

  /** One for each method and path, however often it is served. */
  add(method: string, path: string, targetMs: number): RouteSeries {
    const known = this.#series.find((series) => series.method === method && series.path === path)
    if (known) return known
    const series = new RouteSeries(method, path, targetMs)
    this.#series.push(series)
    return series
  }

  all(): readonly RouteSeries[] {
    return this.#series
  }

  reader() {
    return new Reader(() => this.#series)
  }
}

/** `metrics.statements`: every SQL statement that was sent, by name. */
export class Statements {
  /** Told each run. */
  watch: ((series: StatementSeries, ms: number) => void) | undefined
  readonly #byName = new Map<string, StatementSeries>()
  readonly #bySpelling = new Map<string, StatementSeries>()

  constructor(private readonly measuring = true) {}

  /** The series of a statement; those with a name of their own ask once and keep it. */
  of(sql: string, name?: string): StatementSeries {
    const known = this.#bySpelling.get(sql)
    if (known) return known
    const found = this.#named(name ?? fingerprint(sql), sql)
    if (sql.length > LONGEST_SPELLING) return found
    if (this.#bySpelling.size >= MOST_SPELLINGS) this.#bySpelling.clear()
    this.#bySpelling.set(sql, found)
    return found
  }

  /** Runs it on the clock, until its rows are there or it fails. */
  now<Result>(series: StatementSeries, run: () => Result, rowsOf: (result: Result) => number): Result {
    if (!this.measuring) return run()
    const startedAt = performance.now()
    try {
      const result = run()
      this.#ended(series, startedAt, rowsOf(result))
      return result
    } catch (error) {
      this.#failed(series, startedAt)
      throw error
    }
  }

  /** As `now`, where a server answers. */
  async answered<Result>(
    series: StatementSeries,
    run: () => Promise<Result>,
    rowsOf: (result: Result) => number,
  ): Promise<Result> {
    if (!this.measuring) return run()
    const startedAt = performance.now()
    try {
      const result = await run()
      this.#ended(series, startedAt, rowsOf(result))
      return result
    } catch (error) {
      this.#failed(series, startedAt)
      throw error
    }
  }

  #ended(series: StatementSeries, startedAt: number, rows: number) {
    series.counters.rows += rows
    this.#timed(series, startedAt)
  }

  #failed(series: StatementSeries, startedAt: number) {
    series.counters.failed++
    this.#timed(series, startedAt)
  }

  #timed(series: StatementSeries, startedAt: number) {
    const ms = performance.now() - startedAt
    series.times.add(ms)
    this.watch?.(series, ms)
  }

  all(): Iterable<StatementSeries> {
    return this.#byName.values()
  }

  reader() {
    return new Reader(() => this.#byName.values())
  }

  #named(name: string, sql: string): StatementSeries {
    const known = this.#byName.get(name)
    if (known) return known
    if (this.#byName.size >= MOST_STATEMENTS && name !== OTHER) return this.#named(OTHER, '')
    const series = new StatementSeries(name, sql)
    this.#byName.set(name, series)
    return series
  }
}

const OTHER = 'other'
