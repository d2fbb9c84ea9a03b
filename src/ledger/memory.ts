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
  keyReused,
  noSuchSubscription,
  type Outcome,
} from './entry.ts'
import { foldedSeq } from './fold.ts'
import { Folder } from './folder.ts'
import { type Group, Groups } from './groups.ts'
import { type Balance, balanceOf, burn, type Take } from './lots.ts'

/** Consumes that may wait for the disk or for their tables. Past it the answer is a 503 at once. */
const MAX_PENDING = 100_000
const KEYS_AT_ONCE = 128
const CHECKPOINT_EVERY_MS = 30_000
/** Of an entry as JSON, what has no text of the caller's: numbers, and a few lots. */
const ENTRY_BYTES = 200

interface Keyed {
  entry: Entry
  durable: Promise<void>
}

interface Decided {
  outcome: Outcome
  /** Until it is, nobody may hear of the outcome. */
  durable: Promise<void> | null
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
  /** By automation: the keys of what is not in the tables yet. */
  readonly #keys = new Map<number, Map<string, Keyed>>()
  readonly #exclusive = new Map<number, Mutex>()
  /** By automation: the greatest key in the tables. */
  readonly #newestKeys = new Map<number, string>()
  readonly #findKey
  readonly #findNewestKey
  readonly #groups: Groups
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
    this.#groups = new Groups(journal, last + 1, {
      written: (group, payload, ms) => this.#written(group, payload, ms),
      lost: (groups, error) => this.#lost(groups, error),
    })
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
    this.#refuseWhenBehind(consumes)
    const decided: Decided[] = []
    for (const consume of consumes) {
      const id = consume.userAutomationId
      const held = this.#exclusive.get(id)
      // Decided within its turn: whoever is next in line must find it among what is to be folded.
      decided.push(held ? await held.run(async () => this.#decide(consume)) : this.#decide(consume))
      if (held) this.#letGo(id, held)
    }
    return settled(decided)
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
        // What a failed write may have left on disk would count at the next start, after `work` as well.
        await this.#journal.mend()
        return work()
      })
    } finally {
      this.#letGo(userAutomationId, mutex)
    }
  }

  /** Only its own: meanwhile somebody may have begun a turn with another one. */
  #letGo(userAutomationId: number, mutex: Mutex) {
    if (!mutex.isHeld && this.#exclusive.get(userAutomationId) === mutex) {
      this.#exclusive.delete(userAutomationId)
    }
  }

  async newUsageId() {
    return this.#nextUsageId++
  }

  /** All of them or none: nothing is half decided when this throws. */
  #refuseWhenBehind(consumes: readonly Consume[]) {
    let bytes = this.#groups.bytes
    for (const consume of consumes) bytes += bytesOf(consume)
    if (this.#pending + consumes.length <= MAX_PENDING && this.#journal.hasRoomFor(bytes)) return
    throw new Refusal('overloaded', 'ledger_behind', 'The ledger is behind; try again', {
      retryAfterSeconds: 1,
    })
  }

  #decide(consume: Consume): Decided {
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
    const group = this.#groups.add(entry, account.tokensSlot, bytesOf(consume))
    this.#accounts.addPending(account, group.seq, takes)
    if (key !== null) this.#keysOf(automationId).set(key, { entry, durable: group.durable })
    this.#pending++
    return group.durable
  }

  /** The consume that used this key, among those on their way and those in the tables. */
  #earlier(consume: Consume, key: string) {
    const keyed = this.#keysOf(consume.automationId).get(key)
    const found = keyed ? fromEntry(keyed.entry) : this.#inTables(consume.automationId, key)
    if (!found) return undefined
    if (!isSameConsume(found, consume)) return { outcome: keyReused(), durable: null }
    this.host.metrics.consumes.inc({ outcome: 'replayed' })
    return {
      outcome: accepted(found.usageId, found.demoAfter, found.paidAfter),
      durable: keyed?.durable ?? null,
    }
  }

  #keysOf(automationId: number) {
    const known = this.#keys.get(automationId)
    if (known) return known
    const none = new Map<string, Keyed>()
    this.#keys.set(automationId, none)
    return none
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

  #written({ seq, entries, changed }: Group, payload: string, ms: number) {
    const { metrics, caches } = this.host
    metrics.ledger.journalWrites.add(ms)
    this.#folder.add({ seq, payload }, entries)
    metrics.groups.observe(entries.length)
    metrics.consumes.inc({ outcome: 'accepted' }, entries.length)
    metrics.pending.set(this.#pending)
    caches.spent(changed)
  }

  /** What could not be written was not spent; neither was what has been decided on top of it meanwhile. */
  #lost(groups: readonly Group[], error: unknown) {
    const from = groups[0]?.seq ?? 0
    for (const { entries } of groups) {
      for (const entry of entries) {
        this.#accounts.forget(entry[1], from)
        if (entry[9] !== null) this.#keysOf(entry[3]).delete(entry[9])
      }
      this.#pending -= entries.length
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
      this.#keysOf(automationId).delete(key)
    }
    if (until < entries.length) setImmediate(() => this.#forgetKeys(entries, until))
  }

  /**
   * For reads: resolves when all that has been acknowledged is in the tables; nothing to wait for is the usual
   * case. When the tables can't be written, reads go on with what is in them.
   */
  #barrier(): Promise<void> | undefined {
    if (this.#pending === 0) return undefined
    // The folder has said what is wrong, once and not for each read.
    return this.#settled().catch(() => {})
  }

  async #settled() {
    await this.#groups.settled()
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

/** Each as it became: the receipt of what is on disk, the reason of what is not. */
async function settled(decided: readonly Decided[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  // Many in a row share a group: it is waited for once.
  let durable: Promise<void> | null = null
  let failure: Error | null = null
  for (const one of decided) {
    if (one.durable && one.durable !== durable) {
      durable = one.durable
      try {
        await durable
        failure = null
      } catch (error) {
        failure = error as Error
      }
    }
    outcomes.push(one.durable && failure ? failure : one.outcome)
  }
  return outcomes
}

/** Of its entry as JSON, at the most: a character becomes three bytes of UTF-8, or an escape. */
const bytesOf = ({ key, usageType, meta }: Consume) =>
  ENTRY_BYTES + 2 * (key?.length ?? 0) + 6 * usageType.length + 3 * (meta?.length ?? 0)

const FIND_KEY = `select ${EARLIER_COLUMNS} from token_usage where automation_id = ? and idempotency_key = ?`
const FIND_NEWEST_KEY = `select max(idempotency_key) as key from token_usage
  where automation_id = ? and idempotency_key is not null`

function fromEntry(entry: Entry): Earlier {
  const [usageId, userAutomationId, , , tokens, usageType, , demoAfter, paidAfter, , meta, occurredAt] = entry
  return { usageId, userAutomationId, tokens, usageType, meta, occurredAt, demoAfter, paidAfter }
}
