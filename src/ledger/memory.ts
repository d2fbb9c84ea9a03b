import { dirname } from 'node:path'
import { Mutex } from '../lib/mutex.ts'
import { Refusal } from '../lib/refusal.ts'
import { Journal } from '../storage/journal.ts'
import type { SqliteStorage } from '../storage/sqlite.ts'
import { type Account, Accounts } from './accounts.ts'
import {
  accepted,
  type Consume,
  type Consumption,
  EARLIER_COLUMNS,
  type Earlier,
  type Entry,
  type Host,
  isSameConsume,
  keyName,
  keyReused,
  noSuchSubscription,
  type Outcome,
} from './entry.ts'
import { foldedSeq } from './fold.ts'
import { Folder } from './folder.ts'
import { type Balance, balanceOf, burn, type Take } from './lots.ts'

/** Consumes that may wait for the disk or for their tables. Past it the answer is a 503 at once. */
const MAX_PENDING = 100_000

/** The last group had fewer: don't wait for company. */
const GROUP_FEW = 4
const GROUP_MOST = 256
const KEYS_AT_ONCE = 128
const CHECKPOINT_EVERY_MS = 30_000
/** As long as a group waits for company. */
const GATHER_MS = 1

/** Consumes that become durable together. */
interface Group {
  seq: number
  entries: Entry[]
  /** Tags of what shows these balances, by slot. */
  changed: number[]
  durable: Promise<void>
  settle: { resolve(): void; reject(error: unknown): void }
}

interface Keyed {
  entry: Entry
  durable: Promise<void>
}

/**
 * The ledger of one process over SQLite. A consume is decided in memory, on what the tables hold less what was
 * accepted since; the decisions of the moment go to the journal together, and are acknowledged when they are on
 * disk there. A background thread brings them into the tables a little later, thousands of row changes as one;
 * reads wait for it (`Storage.setBarrier`), so nobody sees a balance from before an acknowledged consume.
 */
export class MemoryConsumption implements Consumption {
  readonly #journal: Journal
  readonly #accounts: Accounts
  readonly #folder: Folder
  readonly #keys = new Map<string, Keyed>()
  readonly #exclusive = new Map<number, Mutex>()
  /** By automation: the greatest key in the tables. */
  readonly #newestKeys = new Map<number, string>()
  readonly #findKey
  readonly #findNewestKey
  #group: Group
  #writing: Promise<void> | null = null
  #lastSize = 0
  /** Enough for one write: half of those who wait at a time, so that one half is written while the other comes. */
  #enough = GROUP_FEW
  #pending = 0
  #nextUsageId: number
  readonly #checkpoints: Timer

  constructor(
    private readonly host: Host,
    storage: SqliteStorage,
  ) {
    const { journal, records } = Journal.open(dirname(storage.file))
    this.#journal = journal
    this.#folder = new Folder(host, storage, (done, entries) => this.#folded(done, entries))
    this.#folder.recover(records)
    host.metrics.ledger.lagMs = () => this.#folder.lagMs
    const last = Math.max(foldedSeq(storage.reader), records.at(-1)?.seq ?? 0)
    this.#group = newGroup(last + 1)
    const newest = storage.reader.query('select coalesce(max(id), 0) as id from token_usage').get() as {
      id: number
    }
    this.#nextUsageId = newest.id + 1
    this.#accounts = new Accounts(storage, host.caches.versions)
    this.#findKey = storage.direct<Earlier>('ledger_key', FIND_KEY)
    this.#findNewestKey = storage.direct<{ key: string | null }>('ledger_newest_key', FIND_NEWEST_KEY)
    storage.setBarrier(() => this.#barrier())
    this.#checkpoints = setInterval(() => void this.#folder.checkpoint(), CHECKPOINT_EVERY_MS)
    this.#checkpoints.unref()
    host.onClose(() => this.#close())
  }

  async consume(consumes: readonly Consume[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    let durable: Promise<void> | null = null
    for (const consume of consumes) {
      const held = this.#exclusive.get(consume.userAutomationId)
      // Decided within its turn: whoever is next in line must find it among what is to be folded.
      const decided = held ? await held.run(async () => this.#decide(consume)) : this.#decide(consume)
      outcomes.push(decided.outcome)
      durable = decided.durable ?? durable
    }
    // Groups become durable in order: the last one stands for all.
    if (durable) await durable
    return outcomes
  }

  async balance(automationId: number, userAutomationId: number): Promise<Balance> {
    const account = this.#accounts.find(userAutomationId)
    if (account?.automationId !== automationId) throw noSuchSubscription()
    return balanceOf(account.lots, this.host.clock())
  }

  async exclusively<T>(userAutomationId: number, work: () => Promise<T>): Promise<T> {
    const mutex = this.#exclusive.get(userAutomationId) ?? new Mutex()
    this.#exclusive.set(userAutomationId, mutex)
    try {
      return await mutex.run(async () => {
        await this.#settled()
        return work()
      })
    } finally {
      if (!mutex.isHeld) this.#exclusive.delete(userAutomationId)
    }
  }

  async newUsageId() {
    return this.#nextUsageId++
  }

  #decide(consume: Consume): { outcome: Outcome; durable: Promise<void> | null } {
    if (this.#pending >= MAX_PENDING || this.#journal.isCrowded) {
      throw new Refusal('overloaded', 'ledger_behind', 'The ledger is behind; try again', {
        retryAfterSeconds: 1,
      })
    }
    const account = this.#accounts.find(consume.userAutomationId)
    if (account?.automationId !== consume.automationId)
      return { outcome: noSuchSubscription(), durable: null }
    const earlier = consume.key === null ? undefined : this.#earlier(consume, consume.key)
    if (earlier) return earlier
    const now = this.host.clock()
    const takes = account.isActive ? burn(account.lots, consume.units, now) : null
    const { demo, paid } = balanceOf(account.lots, now)
    if (!takes) {
      const reason = account.isActive ? 'insufficient' : 'inactive'
      this.host.metrics.consumes.inc({ outcome: reason })
      return { outcome: { accepted: false, demo, paid, usageId: null, reason }, durable: null }
    }
    const usageId = this.#nextUsageId++
    const durable = this.#add(account, consume, usageId, takes, demo, paid, now)
    return { outcome: accepted(usageId, demo, paid), durable }
  }

  #add(
    account: Account,
    consume: Consume,
    usageId: number,
    takes: Take[],
    demo: number,
    paid: number,
    now: number,
  ) {
    const { userAutomationId, automationId, units, usageType, key, meta, occurredAt } = consume
    const entry: Entry = [
      usageId,
      userAutomationId,
      account.userId,
      automationId,
      units,
      usageType,
      takes,
      demo,
      paid,
      key,
      meta,
      occurredAt,
      now,
    ]
    const group = this.#group
    group.entries.push(entry)
    group.changed.push(account.tokensSlot)
    this.#accounts.addPending(account, group.seq, takes)
    if (key !== null) this.#keys.set(keyName(automationId, key), { entry, durable: group.durable })
    this.#pending++
    if (group.entries.length === 1) this.#gather()
    else if (group.entries.length >= this.#enough) this.#flush()
    // Not this.#group's: a full group has just gone on its way, and the next one may never come.
    return group.durable
  }

  /** The consume that used this key, among those on their way and those in the tables. */
  #earlier(consume: Consume, key: string) {
    const keyed = this.#keys.get(keyName(consume.automationId, key))
    const found = keyed ? fromEntry(keyed.entry) : this.#inTables(consume.automationId, key)
    if (!found) return undefined
    if (!isSameConsume(found, consume)) return { outcome: keyReused(), durable: null }
    this.host.metrics.consumes.inc({ outcome: 'replayed' })
    return {
      outcome: accepted(found.usageId, found.demoAfter, found.paidAfter),
      durable: keyed?.durable ?? null,
    }
  }

  /** A key that sorts after all that the tables hold can't be there: keys made by the clock are never looked up. */
  #inTables(automationId: number, key: string): Earlier | null {
    const newest = this.#newestKeys.get(automationId) ?? this.#readNewestKey(automationId)
    return key > newest ? null : (this.#findKey(automationId, key)[0] ?? null)
  }

  #readNewestKey(automationId: number) {
    const [newest] = this.#findNewestKey(automationId)
    this.#newestKeys.set(automationId, newest?.key ?? '')
    return newest?.key ?? ''
  }

  /** A lone consume goes to disk at once; where many come, a moment's wait makes one write of them. */
  #gather() {
    if (this.#writing !== null) return
    if (this.#lastSize < GROUP_FEW) setImmediate(() => this.#flush())
    else setTimeout(() => this.#flush(), GATHER_MS)
  }

  #flush() {
    const group = this.#group
    if (this.#writing !== null || group.entries.length === 0) return
    const half = Math.ceil((group.entries.length + this.#lastSize) / 2)
    this.#enough = Math.min(Math.max(half, GROUP_FEW), GROUP_MOST)
    this.#lastSize = group.entries.length
    this.#group = newGroup(group.seq + 1)
    this.#writing = this.#write(group).finally(() => {
      this.#writing = null
      if (this.#group.entries.length >= this.#enough) this.#flush()
      else if (this.#group.entries.length > 0) this.#gather()
    })
  }

  async #write(group: Group) {
    const payload = JSON.stringify(group.entries)
    try {
      const startedAt = performance.now()
      await this.#journal.append(group.seq, payload)
      this.host.metrics.ledger.journalWrites.add(performance.now() - startedAt)
    } catch (error) {
      this.#undo(group, error)
      return
    }
    this.#folder.add({ seq: group.seq, payload }, group.entries)
    this.host.metrics.groups.observe(group.entries.length)
    this.host.metrics.consumes.inc({ outcome: 'accepted' }, group.entries.length)
    this.host.metrics.pending.set(this.#pending)
    this.host.caches.spent(group.changed)
    group.settle.resolve()
  }

  /** What could not be written was not spent; neither was what has been decided on top of it meanwhile. */
  #undo(failed: Group, error: unknown) {
    const following = this.#group
    this.#group = newGroup(failed.seq)
    for (const group of [failed, following]) {
      for (const entry of group.entries) {
        this.#accounts.forget(entry[1], failed.seq)
        if (entry[9] !== null) this.#keys.delete(keyName(entry[3], entry[9]))
      }
      this.#pending -= group.entries.length
      group.settle.reject(error)
    }
    this.host.log.error({ err: error }, 'the ledger could not be written')
  }

  #folded({ folded, durable }: { folded: number; durable: number }, entries: readonly Entry[]) {
    this.#journal.release(durable)
    this.#pending -= entries.length
    this.#forgetKeys(entries, 0)
    this.#accounts.folded(folded)
    this.host.metrics.pending.set(this.#pending)
  }

  /** Their keys are in the tables now. A slice at a time: no request waits behind thousands of them. */
  #forgetKeys(entries: readonly Entry[], from: number) {
    const until = Math.min(from + KEYS_AT_ONCE, entries.length)
    for (const [, , , automationId, , , , , , key] of entries.slice(from, until)) {
      if (key === null) continue
      const newest = this.#newestKeys.get(automationId)
      if (newest !== undefined && key > newest) this.#newestKeys.set(automationId, key)
      this.#keys.delete(keyName(automationId, key))
    }
    if (until < entries.length) setImmediate(() => this.#forgetKeys(entries, until))
  }

  /**
   * For reads: resolves when all that has been acknowledged is in the tables; nothing to wait for is the usual
   * case. When the tables can't be written, reads go on with what is in them.
   */
  #barrier(): Promise<void> | undefined {
    if (this.#pending === 0) return undefined
    return this.#settled().catch((error) =>
      this.host.log.error({ err: error }, 'a read could not wait for the ledger'),
    )
  }

  async #settled() {
    const group = this.#group
    if (group.entries.length > 0) {
      this.#flush()
      await group.durable.catch(() => {})
    } else await this.#writing
    await this.#folder.settle()
  }

  async #close() {
    clearInterval(this.#checkpoints)
    await this.#settled().catch((error) =>
      this.host.log.error(
        { err: error },
        'the journal keeps what its tables did not take; the next start has it',
      ),
    )
    this.#folder.close()
    await this.#journal.close({ isFolded: this.#pending === 0 })
  }
}

function newGroup(seq: number): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // A refused consume may be all that waited for it.
  promise.catch(() => {})
  return { seq, entries: [], changed: [], durable: promise, settle: { resolve, reject } }
}

const FIND_KEY = `select ${EARLIER_COLUMNS} from token_usage where automation_id = ? and idempotency_key = ?`
const FIND_NEWEST_KEY = `select max(idempotency_key) as key from token_usage
  where automation_id = ? and idempotency_key is not null`

function fromEntry(entry: Entry): Earlier {
  const [usageId, userAutomationId, , , tokens, usageType, , demoAfter, paidAfter, , meta, occurredAt] = entry
  return { usageId, userAutomationId, tokens, usageType, meta, occurredAt, demoAfter, paidAfter }
}
