import Type, { type TProperties } from 'typebox'
import { callers } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { route } from '../http/route.ts'
import { nodeName } from '../performance/performance.ts'
import type { HealthCheck } from './health.ts'
import { systemStatus } from './status.ts'

const Bytes = Type.Integer({ minimum: 0 })
const BytesOrNull = Type.Union([Bytes, Type.Null()])
const Count = Type.Integer({ minimum: 0 })
const Time = Type.String({ format: 'date-time' })
const Percent = Type.Number({ minimum: 0, maximum: 100 })
const Check = Type.Enum(['ok', 'failed', 'not used'])

/** Null while the database is down. */
const orNull = <P extends TProperties>(properties: P) => Type.Union([Type.Object(properties), Type.Null()])

const Status = Type.Object({
  status: Type.Enum(['healthy', 'degraded', 'unhealthy']),
  checks: Type.Object({ database: Check, queue: Check, cache_bus: Check }),
  node: Type.String({ description: 'As reports call this process' }),
  version: Type.String(),
  bun_version: Type.String(),
  now: Time,
  started_at: Time,
  uptime_s: Count,
  is_draining: Type.Boolean(),
  database: orNull({
    kind: Type.Enum(['sqlite', 'postgres']),
    version: Type.String(),
    size_bytes: Bytes,
    wal_bytes: BytesOrNull,
    free_bytes: BytesOrNull,
    connections: Type.Union([Type.Object({ open: Count, server_max: Count }), Type.Null()]),
    migrations: Type.Array(Type.String()),
    answer_ms: Type.Number(),
  }),
  database_load: Type.Object({
    waiting: Count,
    pool: Type.Union([Type.Object({ max: Count, in_use: Count }), Type.Null()]),
  }),
  caches: Type.Array(
    Type.Object(
      {
        name: Type.String(),
        entries: Count,
        bytes: Bytes,
        hits: Count,
        misses: Count,
        shared: Count,
        stale: Count,
        expired: Count,
        evictions: Count,
      },
      { description: 'Counted since the start' },
    ),
  ),
  ledger: Type.Object({ pending_operations: Count }),
  jobs: orNull({ queued: Count, running: Count, failed: Count, is_overdue: Type.Boolean() }),
  memory: Type.Object({
    resident_bytes: Bytes,
    heap_bytes: Bytes,
    external_bytes: Bytes,
    system_bytes: Bytes,
    percent: Percent,
  }),
  cpu: Type.Object({
    percent: Percent,
    processors: Count,
    load_average: Type.Array(Type.Number(), { description: 'Of the machine, over 1, 5 and 15 minutes' }),
  }),
  disk: Type.Object({ free_bytes: Bytes, total_bytes: Bytes }, { description: 'Where the data folder is' }),
  performance: orNull({
    recorded_since: Type.Union([Time, Type.Null()]),
    missed_targets: Type.Array(Type.String()),
  }),
})

export const statusRoute = (app: App, health: HealthCheck) =>
  route({
    method: 'GET',
    path: '/api/admin/system/status',
    summary: 'The server, its database, jobs, memory, processors and disk',
    tag: 'Staff: performance',
    caller: callers(app).staff,
    reply: Status,
    targetMs: 800,
    vital: true,
    handle: () => systemStatus(app, health, nodeName(app.config)),
  })
