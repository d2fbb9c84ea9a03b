import type { Kysely, Transaction } from 'kysely'
import { Refusal } from '../lib/refusal.ts'
import type { Statements } from '../metrics/recorder.ts'
import type { StorageLoad } from '../metrics/storage-load.ts'
import type { Tables } from './tables.ts'

/** Typed reads. On SQLite a read-only connection, on PostgreSQL the pool. */
export type Db = Kysely<Tables>

/**
 * One transaction that writes. Everything in it happens or nothing does, and `write()` resolves only when it is
 * on disk.
 */
export type Tx = Transaction<Tables> & {
  /** Milliseconds UTC, the same for the whole transaction. */
  readonly now: number
  /** Names what the transaction changes: cached values with these tags are dropped when it commits. */
  touch(...tags: string[]): void
  /** Runs when the transaction is on disk, before `write()` resolves; not at all when it rolls back. */
  onCommit(work: () => void): void
  /** Runs when it has rolled back. */
  onRollback(work: () => void): void
}

export type Value = string | number | null

/** A statement written by hand, prepared once and kept; parameters are `$1`, `$2`, … in order of appearance. */
export type Statement<Row> = (...values: Value[]) => Promise<Row[]>

export interface Storage {
  readonly dialect: 'sqlite' | 'postgres'
  readonly db: Db
  /** Opens a transaction for `work`; rolls back when it throws. Serialization failures are retried. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For the hottest reads: no builder, no barrier (see `barrier`). Its times are recorded under `name`. */
  statement<Row>(name: string, sql: string): Statement<Row>
  /** Awaited before each read through `db`: whoever holds back writes makes them visible here. */
  setBarrier(barrier: () => Promise<void> | undefined): void
  /** Throws when the database can't be reached. */
  ping(): Promise<void>
  /**
   * The same without waiting: on SQLite a read; on PostgreSQL whether the last statement got through. The caches'
   * heartbeat, which comes from the database, says the rest.
   */
  answersNow(): boolean
  close(): Promise<void>
}

export interface StorageHooks {
  now(): number
  /** Told the tags of each committed transaction before its `write()` resolves. */
  touched(tags: ReadonlySet<string>): void
  /** On PostgreSQL: what a transaction with these tags says, as part of itself, to whoever listens. */
  announcement?: ((tags: ReadonlySet<string>) => { channel: string; payload: string }) | undefined
  /** Told every statement as it is sent: tests count and explain them. */
  onStatement?: ((sql: string, values: readonly unknown[]) => void) | undefined
  /** Where the time that each statement takes is recorded, if anywhere. */
  statements?: Statements | undefined
  /** Where it is recorded what waits for the database. */
  load?: StorageLoad | undefined
}

/**
 * A broken UNIQUE that no verb foresaw: two did the same at once. The cause, which names the index, is for the log.
 */
export const alreadyThere = ({ message }: Error) =>
  new Refusal('conflict', 'already_there', 'There is one like it already; nothing was changed', {
    cause: message,
  })

/** The extras of a transaction, gathered while it runs. */
export class TxScope {
  readonly tags = new Set<string>()
  readonly #commits: (() => void)[] = []
  readonly #rollbacks: (() => void)[] = []

  constructor(private readonly hooks: StorageHooks) {}

  extend(trx: Transaction<Tables>): Tx {
    return Object.assign(trx, {
      now: this.hooks.now(),
      touch: (...tags: string[]) => {
        for (const tag of tags) this.tags.add(tag)
      },
      onCommit: (work: () => void) => void this.#commits.push(work),
      onRollback: (work: () => void) => void this.#rollbacks.push(work),
    })
  }

  committed() {
    for (const work of this.#commits) work()
    if (this.tags.size > 0) this.hooks.touched(this.tags)
  }

  rolledBack() {
    for (const work of this.#rollbacks) work()
  }
}
