import Counter from '@prometheus-io/client/lib/counter.js'
import Gauge from '@prometheus-io/client/lib/gauge.js'
import Histogram from '@prometheus-io/client/lib/histogram.js'
import Registry from '@prometheus-io/client/lib/registry.js'
import { Routes, Statements } from './recorder.ts'

/** Seconds. The plan's targets (0.5, 0.8, 1) are edges, so that "within target" can be read off exactly. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 5, 10]
const OPERATIONS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]

/**
 * Every metric of the process, by its documented name.
 *
 * @param measuring false leaves out what is measured at each request and each statement: for the benchmark of what
 *   measuring costs.
 */
export function openMetrics(measuring = true) {
  const registers = [new Registry()]
  const metrics = {
    registry: registers[0] as Registry,
    measuring,
    routes: new Routes(),
    statements: new Statements(measuring),
    requests: new Histogram({
      name: 'zimmer_http_request_duration_seconds',
      help: 'Time from the first byte read to the reply handed over, by route and status class',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: SECONDS,
      registers,
    }),
    groups: new Histogram({
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
      help: 'Durable consumes that are not in their tables yet',
      registers,
    }),
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
    memory: new Gauge({
      name: 'zimmer_memory_resident_bytes',
      help: 'Resident memory of this process',
      registers,
      collect() {
        this.set(process.memoryUsage.rss())
      },
    }),
    uptime: new Gauge({
      name: 'zimmer_uptime_seconds',
      help: 'Seconds since this process started',
      registers,
      collect() {
        this.set(process.uptime())
      },
    }),
  }
  return metrics
}

export type Metrics = ReturnType<typeof openMetrics>
