import { statfsSync } from 'node:fs'
import { availableParallelism, loadavg, totalmem } from 'node:os'
import type { Caches } from '../cache/cache.ts'
import { type Clock, iso, isoOrNull, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import { VERSION } from '../lib/version.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { openMisses, recordedSince } from '../performance/performance.ts'
import { jobCounts } from '../queue/queue.ts'
import type { PostgresStorage } from '../storage/postgres.ts'
import type { SqliteStorage } from '../storage/sqlite.ts'
import { databaseStatus } from '../storage/status.ts'
import type { HealthCheck } from './health.ts'

const OVERDUE_MS = 5 * MINUTE_MS

export interface Host {
  readonly storage: SqliteStorage | PostgresStorage
  readonly metrics: Metrics
  readonly caches: Caches
  readonly clock: Clock
  readonly draining: boolean
  readonly config: { dataDir: string }
}

/**
 * What staff want to know of a running server at a glance; sizes in bytes. What only the database knows is null
 * while that is down.
 */
export async function systemStatus(host: Host, health: HealthCheck, node: string) {
  const { clock } = host
  const { status, uptime_s, memory_percent, cpu_percent, checks } = await health.look()
  const now = clock()
  const [one = 0, five = 0, fifteen = 0] = loadavg()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    status,
    checks,
    node,
    version: VERSION,
    bun_version: Bun.version,
    now: iso(now),
    started_at: iso(now - uptime_s * SECOND_MS),
    uptime_s,
    is_draining: host.draining,
    ...(status === 'unhealthy' ? WITHOUT_DATABASE : await inDatabase(host.storage, now)),
    database_load: loadOf(host.metrics),
    caches: host.caches.all.map(({ name, size, bytes, counts }) => ({
      name,
      entries: size,
      bytes,
      ...counts,
    })),
    ledger: { pending_operations: await pendingOperations(host.metrics) },
    memory: {
      resident_bytes: rss,
      heap_bytes: heapUsed,
      external_bytes: external,
      system_bytes: totalmem(),
      percent: memory_percent,
    },
    cpu: { percent: cpu_percent, processors: availableParallelism(), load_average: [one, five, fifteen] },
    disk: diskOf(host.config.dataDir),
  }
}

const WITHOUT_DATABASE = { database: null, jobs: null, performance: null }

async function inDatabase(storage: Host['storage'], now: number) {
  const startedAt = performance.now()
  await storage.ping()
  const answer_ms = Math.round((performance.now() - startedAt) * 1_000) / 1_000
  return {
    database: { ...(await databaseStatus(storage)), answer_ms },
    jobs: await jobCounts(storage.db, now - OVERDUE_MS),
    performance: {
      recorded_since: isoOrNull(await recordedSince(storage.db)),
      missed_targets: await openMisses(storage.db),
    },
  }
}

/** What waits for the writer of SQLite, or for a connection of the pool, which only PostgreSQL has. */
function loadOf({ storage }: Metrics) {
  const pool = { max: storage.poolMax, in_use: storage.poolInUse }
  return { waiting: storage.writerQueue() + storage.poolWaiting, pool: pool.max === 0 ? null : pool }
}

/** Durable consumes that are not in their tables yet; always 0 on PostgreSQL. */
async function pendingOperations({ pending }: Metrics): Promise<number> {
  return (await pending.get()).values[0]?.value ?? 0
}

/** Of the disk that the data folder is on. */
function diskOf(folder: string) {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { free_bytes: bavail * bsize, total_bytes: blocks * bsize }
}
