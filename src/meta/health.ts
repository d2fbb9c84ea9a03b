import { availableParallelism, totalmem } from 'node:os'
import { type Clock, iso, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import { VERSION } from '../lib/version.ts'
import type { Storage } from '../storage/storage.ts'

/** A database that answers later than this is as good as down: the answer itself is due in 500 ms. */
const PING_TIMEOUT_MS = 400
/** Work that has been due for longer than this is work that nobody does. */
const OVERDUE_MS = 5 * MINUTE_MS
/** Consumes reach their tables within a quarter of a second. */
const LEDGER_LAG_MS = 5 * SECOND_MS
/** Shorter spans of CPU time are noise. */
const SAMPLE_MS = SECOND_MS

export type Check = 'ok' | 'failed' | 'not used'

export interface Health {
  status: 'healthy' | 'degraded' | 'unhealthy'
  timestamp: string
  version: string
  uptime_s: number
  memory_percent: number
  cpu_percent: number
  checks: { database: Check; queue: Check; cache_bus: Check }
}

/** Says how this process and what it stands on are; each call looks anew. */
export class HealthCheck {
  readonly #processors = availableParallelism()
  readonly #memoryBytes = totalmem()
  #sampledAtMs = performance.now() - process.uptime() * SECOND_MS
  #cpuMicroseconds = 0
  #cpuPercent: number | undefined

  constructor(
    private readonly storage: Storage,
    private readonly clock: Clock,
    /** null with one process, which needs no bus. */
    private readonly hearsOthers: (() => boolean) | null,
    /** Milliseconds since the oldest consume that is not in its tables yet; 0 when all are. */
    private readonly ledgerLagMs: () => number,
  ) {}

  async look(): Promise<Health> {
    const asked = [this.databaseAnswers(), within(PING_TIMEOUT_MS, this.#nothingIsLate())]
    const [answers, isInTime] = await Promise.all(asked)
    const database: Check = answers ? 'ok' : 'failed'
    const queue: Check = answers && isInTime ? 'ok' : 'failed'
    const bus: Check = !this.hearsOthers ? 'not used' : this.hearsOthers() ? 'ok' : 'failed'
    return {
      status:
        database === 'failed' ? 'unhealthy' : queue === 'failed' || bus === 'failed' ? 'degraded' : 'healthy',
      timestamp: iso(this.clock()),
      version: VERSION,
      uptime_s: Math.floor(process.uptime()),
      memory_percent: percent(process.memoryUsage.rss() / this.#memoryBytes),
      cpu_percent: this.#cpu(),
      checks: { database, queue, cache_bus: bus },
    }
  }

  ledgerIsBehind() {
    return this.ledgerLagMs() > LEDGER_LAG_MS
  }

  databaseAnswers() {
    const answered = this.storage.ping().then(() => true)
    return within(PING_TIMEOUT_MS, answered)
  }

  /** False for jobs that nobody runs, or consumes that can't be brought into their tables. */
  async #nothingIsLate() {
    if (this.ledgerIsBehind()) return false
    const overdue = this.storage.statement<{ id: number }>('jobs_overdue', OVERDUE)
    return (await overdue(this.clock() - OVERDUE_MS)).length === 0
  }

  /** Share of all processors since the last sample, at least a second ago; before the first, since the start. */
  #cpu() {
    const nowMs = performance.now()
    const spanMs = nowMs - this.#sampledAtMs
    if (this.#cpuPercent !== undefined && spanMs < SAMPLE_MS) return this.#cpuPercent
    const { user, system } = process.cpuUsage()
    const usedMs = (user + system - this.#cpuMicroseconds) / 1_000
    this.#cpuPercent = percent(usedMs / spanMs / this.#processors)
    this.#sampledAtMs = nowMs
    this.#cpuMicroseconds = user + system
    return this.#cpuPercent
  }
}

/** 0 to 100, one decimal. */
const percent = (share: number) => Math.round(Math.min(Math.max(share, 0), 1) * 1_000) / 10

/** Whether the work says yes in time. */
async function within(ms: number, work: Promise<boolean>) {
  let timer: Timer | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  const done = work.catch(() => false)
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}

const OVERDUE = `select id from jobs where state = 'queued' and run_at < $1 limit 1`
