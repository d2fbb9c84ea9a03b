import { Cron } from 'croner'
import type { Logger } from 'pino'
import { DAY_MS, SECOND_MS } from '../lib/time.ts'
import { Histogram } from '../metrics/histogram.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Db, Storage, Tx } from '../storage/storage.ts'
import type { JobState } from '../storage/tables.ts'

const LEASE_MS = 60 * SECOND_MS
const POLL_MS = SECOND_MS
/** More would only take turns at the one writer; fewer, and one service that hangs holds up the others. */
const AT_ONCE = 4
const KEEP_DONE_MS = DAY_MS
/** Long enough for somebody to look into why. */
const KEEP_FAILED_MS = 7 * DAY_MS

/** A kind of work: a row of `jobs` is one piece of it. */
export interface Job<P = unknown> {
  kind: string
  /** Tries in all; 5 unless said otherwise. Between tries it waits 2, 4, 8, … s, 10 min at most. */
  maxAttempts?: number
  /** Cron pattern, UTC: enqueued at each of its times, with no payload. */
  schedule?: string
  run(payload: P): Promise<void>
}

/** Adds a job to the transaction; with `uniqueKey`, none when one with that key waits or runs. */
export async function enqueue(
  tx: Tx,
  job: Pick<Job, 'kind' | 'maxAttempts'>,
  payload: unknown,
  { runAt = tx.now, uniqueKey = null as string | null } = {},
) {
  await tx
    .insertInto('jobs')
    .values({
      kind: job.kind,
      payload: JSON.stringify(payload),
      state: 'queued',
      run_at: runAt,
      attempts: 0,
      max_attempts: job.maxAttempts ?? 5,
      unique_key: uniqueKey,
      created_at: tx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

interface Claimed {
  id: number
  kind: string
  payload: string
  attempts: number
  max_attempts: number
}

/** How many jobs wait, run, failed for good, and should have been begun before `overdueBefore`. */
export async function jobCounts(db: Db, overdueBefore: number) {
  const rows = await db
    .selectFrom('jobs')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.min('run_at').as('first')])
    .where('state', 'in', ['queued', 'running', 'failed'])
    .groupBy('state')
    .execute()
  const of = (state: JobState) => rows.find((row) => row.state === state)
  return {
    queued: of('queued')?.count ?? 0,
    running: of('running')?.count ?? 0,
    failed: of('failed')?.count ?? 0,
    is_overdue: (of('queued')?.first ?? overdueBefore) < overdueBefore,
  }
}

/** Runs jobs, four at a time at most, until stopped. A worker that dies loses its lease, and the job is run again. */
export class Worker {
  #timer: Timer | undefined
  readonly #running = new Set<Promise<void>>()
  /** While it looks for work: two that looked at once would take more than there is room for. */
  #filling: Promise<number> | undefined
  #polls = false
  #stopped = false
  readonly #crons: Cron[] = []
  readonly #kinds: Map<string, Job>

  constructor(
    private readonly storage: Storage,
    jobs: readonly Job[],
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {
    this.#kinds = new Map(jobs.map((job) => [job.kind, job]))
  }

  start() {
    for (const job of this.#kinds.values()) {
      if (job.schedule)
        this.#crons.push(new Cron(job.schedule, { utcOffset: 0 }, () => this.#enqueueDue(job)))
    }
    this.#polls = true
    this.#poll()
  }

  async stop() {
    this.#stopped = true
    for (const cron of this.#crons) cron.stop()
    clearTimeout(this.#timer)
    await this.#filling?.catch(() => {})
    await Promise.all(this.#running)
  }

  /** Runs what is due until nothing is and all of it has ended; for tests and the command line. */
  async drain() {
    for (;;) {
      // What ran when it was last looked may have added something since.
      const wasIdle = this.#running.size === 0
      const begun = await this.#fill()
      if (this.#running.size > 0) await Promise.race(this.#running)
      else if (wasIdle && begun === 0) return
    }
  }

  #poll() {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#poll(), POLL_MS)
    this.#fill().catch((error) => this.log.error({ err: error }, 'the job worker failed'))
  }

  /** Begins what is due, as far as there is room; how many that were. */
  #fill() {
    this.#filling ??= this.#begin().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  async #begin() {
    let begun = 0
    while (!this.#stopped && this.#running.size < AT_ONCE) {
      const claimed = await this.#claim()
      if (!claimed) break
      begun++
      const running: Promise<void> = this.#run(claimed)
        .catch((error) => this.log.error({ err: error, kind: claimed.kind }, 'a job could not be settled'))
        .finally(() => {
          this.#running.delete(running)
          if (this.#polls) this.#poll()
        })
      this.#running.add(running)
    }
    return begun
  }

  async #enqueueDue(job: Job) {
    try {
      await this.storage.write(async (tx) => {
        await sweep(tx)
        await enqueue(tx, job, null, { uniqueKey: `schedule:${job.kind}` })
      })
    } catch (error) {
      this.log.error({ err: error, kind: job.kind }, 'a scheduled job could not be enqueued')
    }
  }

  async #run(claimed: Claimed) {
    const job = this.#kinds.get(claimed.kind)
    const startedAt = performance.now()
    try {
      if (!job) throw new Error(`no job of kind ${claimed.kind} is known here`)
      await job.run(JSON.parse(claimed.payload))
      await this.#finish(claimed, { state: 'done', last_error: null })
      this.metrics.jobs.inc({ kind: claimed.kind, outcome: 'done' })
    } catch (error) {
      this.log.warn({ err: error, kind: claimed.kind, attempt: claimed.attempts }, 'a job failed')
      this.metrics.jobs.inc({ kind: claimed.kind, outcome: 'failed' })
      const state = claimed.attempts < claimed.max_attempts ? 'queued' : 'failed'
      await this.#finish(claimed, { state, last_error: String((error as Error).message).slice(0, 500) })
    }
    this.#timed(claimed.kind, performance.now() - startedAt)
  }

  #timed(kind: string, ms: number) {
    const { jobTimes } = this.metrics
    const times = jobTimes.get(kind) ?? new Histogram()
    jobTimes.set(kind, times)
    times.add(ms)
  }

  /** Looks before it locks: an idle worker writes nothing. */
  async #claim(): Promise<Claimed | undefined> {
    const due = await this.storage.statement<{ id: number }>('jobs_due', DUE)(Date.now(), Date.now())
    if (due.length === 0) return undefined
    return this.storage.write(async (tx) => {
      await failLapsed(tx)
      let candidate = tx
        .selectFrom('jobs')
        .select('id')
        .where((where) =>
          where.or([
            where.and([where('state', '=', 'queued'), where('run_at', '<=', tx.now)]),
            where.and([where('state', '=', 'running'), where('locked_until', '<', tx.now)]),
          ]),
        )
        .orderBy('run_at')
        .limit(1)
      // SQLite has one writer at a time: nobody else can hold the row.
      if (this.storage.dialect === 'postgres') candidate = candidate.forUpdate().skipLocked()
      return tx
        .updateTable('jobs')
        .set((set) => ({
          state: 'running',
          locked_until: tx.now + LEASE_MS,
          attempts: set('attempts', '+', 1),
        }))
        .where('id', 'in', candidate)
        .returning(['id', 'kind', 'payload', 'attempts', 'max_attempts'])
        .executeTakeFirst()
    })
  }

  /** Unless it took so long that the job is another's by now: each claim is told by its attempt. */
  #finish(claimed: Claimed, outcome: { state: 'done' | 'queued' | 'failed'; last_error: string | null }) {
    const waitMs = Math.min(2 ** claimed.attempts, 600) * SECOND_MS
    return this.storage.write((tx) =>
      tx
        .updateTable('jobs')
        .set({ ...outcome, locked_until: null, run_at: tx.now + waitMs, finished_at: tx.now })
        .where('id', '=', claimed.id)
        .where('state', '=', 'running')
        .where('attempts', '=', claimed.attempts)
        .execute(),
    )
  }
}

/** A job whose worker died with it each time it was tried: it is not tried for ever. */
async function failLapsed(tx: Tx) {
  await tx
    .updateTable('jobs')
    .set({ state: 'failed', locked_until: null, finished_at: tx.now, last_error: 'its worker died' })
    .where('state', '=', 'running')
    .where('locked_until', '<', tx.now)
    .where((where) => where('attempts', '>=', where.ref('max_attempts')))
    .execute()
}

async function sweep(tx: Tx) {
  const ended = { done: KEEP_DONE_MS, failed: KEEP_FAILED_MS }
  for (const [state, keepMs] of Object.entries(ended) as ['done' | 'failed', number][]) {
    await tx
      .deleteFrom('jobs')
      .where('state', '=', state)
      .where('run_at', '<', tx.now - keepMs)
      .execute()
  }
}

const DUE = `select id from jobs where (state = 'queued' and run_at <= $1)
  or (state = 'running' and locked_until < $2) limit 1`
