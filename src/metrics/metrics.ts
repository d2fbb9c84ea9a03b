import Counter from '@prometheus-io/client/lib/counter.js'
import Gauge from '@prometheus-io/client/lib/gauge.js'
import ClientHistogram from '@prometheus-io/client/lib/histogram.js'
import Registry from '@prometheus-io/client/lib/registry.js'
import { EventLoop } from './event-loop.ts'
import { expose, exposeTimes } from './exposition.ts'
import { Histogram } from './histogram.ts'
import { exposeProcess } from './process.ts'
import { Routes, Statements } from './recorder.ts'
import { SlowLog } from './slow-log.ts'
import { StorageLoad } from './storage-load.ts'
import { currentTimeline } from './timeline.ts'

/** Seconds. The plan's targets (0.5, 0.8, 1) are edges, so that "within target" can be read off. */
const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 5, 10]
/** From a look-up in memory to the plan's limit (0.1) and beyond. */
const DATABASE_SECONDS = [0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const OPERATIONS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]

export interface MetricsOptions {
  /** False leaves requests and statements unmeasured: for the benchmark of what measuring costs. */
  measuring?: boolean
  slow?: SlowLog
}

/** Every metric of the process, by its documented name (docs/metrics.md). */
export function openMetrics({ measuring = true, slow = new SlowLog(0, () => {}) }: MetricsOptions = {}) {
  const registry = new Registry()
  const recorded = {
    /** Every route that is served. */
    routes: new Routes(),
    /** Every SQL statement that was sent. */
    statements: new Statements(measuring),
    storage: new StorageLoad(),
    eventLoop: new EventLoop(),
    /** SQLite: until a group of consumes is on disk, until a fold has them in their tables, and the oldest that waits. */
    ledger: { journalWrites: new Histogram(), folds: new Histogram(), lagMs: () => 0 },
  }
  recorded.statements.watch = (series, ms) => {
    currentTimeline()?.ran(series, ms)
    slow.statement(series, ms)
  }
  exposeRequests(registry, recorded)
  exposeDatabase(registry, recorded)
  exposeProcess(registry, recorded.eventLoop, LAG_SECONDS)
  return { registry, measuring, slow, ...recorded, ...ledgerMetrics(registry), ...otherMetrics(registry) }
}

export type Metrics = ReturnType<typeof openMetrics>
type Recorded = Pick<Metrics, 'routes' | 'statements' | 'storage' | 'ledger'>

function exposeRequests(registry: Registry, { routes }: Recorded) {
  exposeTimes(
    registry,
    'zimmer_http_request_duration_seconds',
    'What the event loop was late, and from when the request was begun until its reply was handed over; those that were shed are left out',
    REQUEST_SECONDS,
    () => routes.all().map(({ method, path, times }) => [{ method, route: path }, times]),
  )
  expose(
    registry,
    'counter',
    'zimmer_http_requests_total',
    'Requests by route and class of status, or shed: refused unheard for there was too much at once',
    () =>
      routes.all().flatMap(({ method, path, counters }) =>
        Object.entries(counters)
          .filter(([, count]) => count > 0)
          .map(([status, count]) => [{ method, route: path, status }, count]),
      ),
  )
  expose(
    registry,
    'gauge',
    'zimmer_http_route_target_seconds',
    'What the route may take, by the performance plan',
    () => routes.all().map(({ method, path, targetMs }) => [{ method, route: path }, targetMs / 1_000]),
  )
}

function exposeDatabase(registry: Registry, { statements, storage, ledger }: Recorded) {
  const times = (name: string, help: string, histogram: Histogram) =>
    exposeTimes(registry, name, help, DATABASE_SECONDS, () => [[{}, histogram]])
  exposeTimes(
    registry,
    'zimmer_db_statement_duration_seconds',
    'Until the rows of a statement are there, by its name',
    DATABASE_SECONDS,
    () => Array.from(statements.all(), ({ name, times: own }) => [{ statement: name }, own]),
  )
  expose(
    registry,
    'counter',
    'zimmer_db_statement_errors_total',
    'Statements that ended in an error, by name',
    () =>
      Array.from(statements.all())
        .filter(({ counters }) => counters.failed > 0)
        .map(({ name, counters }) => [{ statement: name }, counters.failed]),
  )
  times('zimmer_db_pool_wait_seconds', 'PostgreSQL: until there was a connection', storage.poolWait)
  expose(
    registry,
    'gauge',
    'zimmer_db_pool_connections',
    'PostgreSQL: connections in use, and free or not opened yet',
    () =>
      storage.poolMax === 0
        ? []
        : [
            [{ state: 'in_use' }, storage.poolInUse],
            [{ state: 'idle' }, Math.max(storage.poolMax - storage.poolInUse, 0)],
          ],
  )
  expose(registry, 'gauge', 'zimmer_db_pool_waiting', 'PostgreSQL: those who wait for a connection', () =>
    storage.poolMax === 0 ? [] : [[{}, storage.poolWaiting]],
  )
  times('zimmer_db_writer_wait_seconds', 'SQLite: until a transaction had the one writer', storage.writerWait)
  expose(registry, 'gauge', 'zimmer_db_writer_waiting', 'SQLite: those who wait for the one writer', () => [
    [{}, storage.writerQueue()],
  ])
  const { journalWrites, folds } = ledger
  times('zimmer_ledger_journal_write_seconds', 'SQLite: until a group of consumes is on disk', journalWrites)
  times('zimmer_ledger_fold_seconds', 'SQLite: one fold of the journal into its tables', folds)
  expose(
    registry,
    'gauge',
    'zimmer_ledger_fold_lag_seconds',
    'SQLite: age of the oldest durable consume that is not in its tables yet',
    () => [[{}, ledger.lagMs() / 1_000]],
  )
}

function ledgerMetrics(registry: Registry) {
  const registers = [registry]
  return {
    groups: new ClientHistogram({
      name: 'zimmer_ledger_group_operations',
      help: 'Consumes that one durable group holds',
      buckets: OPERATIONS,
      registers,
    }),
    consumes: new Counter({
      name: 'zimmer_ledger_consumes_total',
      help: 'Consumes by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    pending: new Gauge({
      name: 'zimmer_ledger_pending_operations',
      help: 'SQLite: durable consumes that are not in their tables yet',
      registers,
    }),
    audited: new Gauge({
      name: 'zimmer_ledger_audited_subscriptions',
      help: 'Subscriptions that the daily proof of the ledger has looked at so far',
      registers,
    }),
    wrongSubscriptions: new Gauge({
      name: 'zimmer_ledger_wrong_subscriptions',
      help: 'Of them, those whose tokens do not add up, 100 at the most; anything but 0 is an alarm',
      registers,
    }),
  }
}

function otherMetrics(registry: Registry) {
  const registers = [registry]
  const jobTimes = new Map<string, Histogram>()
  exposeTimes(registry, 'zimmer_job_duration_seconds', 'One run of a job, by kind', REQUEST_SECONDS, () =>
    Array.from(jobTimes, ([kind, times]) => [{ kind }, times]),
  )
  return {
    jobTimes,
    jobs: new Counter({
      name: 'zimmer_jobs_total',
      help: 'Jobs run, by kind and outcome',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    targetMissed: new Gauge({
      name: 'zimmer_target_missed',
      help: '1 for each target that has been missed for five minutes in a row and is not met again',
      labelNames: ['target'] as const,
      registers,
    }),
  }
}
