import { Refusal } from '../lib/refusal.ts'
import { dayOf, hourOf, sleep } from '../lib/time.ts'
import { asRefusal, type PostgresStorage, runOn, sqlState } from '../storage/postgres.ts'
import {
  accepted,
  type Consume,
  type Consumption,
  type Earlier,
  type Host,
  isSameConsume,
  keyName,
  keyReused,
  noSuchSubscription,
  type Outcome,
} from './entry.ts'
import { type Balance, balanceOf, burn, byBurnOrder, type Lot, type Take } from './lots.ts'
import {
  ACCOUNTS,
  type AccountRow,
  arrayOf,
  EARLIER,
  type EarlierRow,
  LOCK,
  LOTS,
  type LotRow,
  write,
} from './postgres-sql.ts'

const GROUPS_AT_ONCE = 2
const GROUP_SIZE = 500
const MAX_WAITING = 20_000
const ATTEMPTS = 5
/** Of the sequence: see the first migration. */
const ID_BLOCK = 1_000
/** Serialization failure, deadlock, and a key that another node used at the same moment. */
const RETRIED = ['40001', '40P01', '23505']

interface Waiting {
  consumes: readonly Consume[]
  resolve(outcomes: Outcome[]): void
  reject(error: unknown): void
}

interface Account {
  userId: number
  automationId: number
  isActive: boolean
  lots: Lot[]
}

type Client = Parameters<typeof runOn>[0]

/** What a group of consumes needs to know, read while the lots are locked. */
interface Known {
  accounts: Map<number, Account>
  earlier: Map<string, Earlier>
}

type UsageRow = Record<string, string | number | null>

interface Decisions {
  rows: UsageRow[]
  lots: Map<number, number>
  days: Map<number, [tokens: number, events: number]>
  totals: Map<number, [tokens: number, events: number]>
  /** Whose tokens were spent. */
  users: Set<number>
  outcomes: Outcome[]
  replayed: number
}

/**
 * The ledger over PostgreSQL, for any number of nodes. Consumes that arrive together share a transaction: it locks
 * their subscriptions in the order of their ids, decides here by the same rules as `MemoryConsumption`, and writes usage,
 * lots and roll-ups in one statement. The commit is durable before anyone hears of it.
 */
export class PostgresConsumption implements Consumption {
  #waiting: Waiting[] = []
  #count = 0
  #running = 0
  #nextId = 0
  #lastId = -1
  readonly #slot = process.pid % 16

  constructor(
    private readonly host: Host,
    private readonly storage: PostgresStorage,
  ) {
    host.onClose(async () => {
      while (this.#running > 0) await sleep(5)
    })
  }

  consume(consumes: readonly Consume[]): Promise<Outcome[]> {
    if (this.#count + consumes.length > MAX_WAITING) {
      throw new Refusal('overloaded', 'ledger_behind', 'The ledger is behind; try again', {
        retryAfterSeconds: 1,
      })
    }
    this.#count += consumes.length
    const { promise, resolve, reject } = Promise.withResolvers<Outcome[]>()
    this.#waiting.push({ consumes, resolve, reject })
    if (this.#waiting.length === 1) setImmediate(() => this.#next())
    return promise
  }

  async balance(automationId: number, userAutomationId: number): Promise<Balance> {
    const known = await this.#read(this.storage.pool, [userAutomationId], [], '')
    const account = known.accounts.get(userAutomationId)
    if (account?.automationId !== automationId) throw noSuchSubscription()
    return balanceOf(account.lots, this.host.clock())
  }

  /** Rows are locked by the verbs themselves. */
  exclusively<T>(_userAutomationId: number, work: () => Promise<T>): Promise<T> {
    return work()
  }

  newUsageId() {
    return this.#usageId(this.storage.pool)
  }

  /** On the connection that the caller holds already: waiting for another one could wait for ever. */
  async #usageId(client: Client) {
    while (this.#nextId > this.#lastId) {
      const [row] = (await this.#run('ledger_next_id', client, NEXT_ID)) as unknown as [{ first: number }]
      this.#nextId = row.first
      this.#lastId = row.first + ID_BLOCK - 1
    }
    return this.#nextId++
  }

  #next() {
    while (this.#running < GROUPS_AT_ONCE && this.#waiting.length > 0) {
      let size = 0
      let taken = 0
      while (taken < this.#waiting.length && size < GROUP_SIZE)
        size += this.#waiting[taken++]?.consumes.length ?? 0
      const group = this.#waiting.splice(0, taken)
      this.#running++
      void this.#settle(group).finally(() => {
        this.#running--
        this.#count -= size
        this.#next()
      })
    }
  }

  async #settle(group: readonly Waiting[]) {
    try {
      const consumes = group.flatMap((waiting) => waiting.consumes)
      const outcomes = await this.#attempts(consumes)
      for (const { consumes: own, resolve } of group) resolve(outcomes.splice(0, own.length))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async #attempts(consumes: readonly Consume[]): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transact(consumes)
      } catch (error) {
        if (attempt === ATTEMPTS || !RETRIED.includes(sqlState(error) ?? '')) throw asRefusal(error)
        await sleep(Math.random() * 5 * 2 ** attempt)
      }
    }
  }

  async #transact(consumes: readonly Consume[]): Promise<Outcome[]> {
    const connection = await this.storage.pool.reserve()
    try {
      const ids = [...new Set(consumes.map((consume) => consume.userAutomationId))]
      // One round trip: the server runs them in turn, each on what is committed by then. A query of Bun's is lazy
      // until it is executed or awaited, and BEGIN has to be the first.
      const [, known] = await Promise.all([
        connection.unsafe('begin').execute(),
        this.#read(
          connection,
          ids,
          consumes.filter((consume) => consume.key !== null),
          LOCK,
        ),
      ])
      const decisions = await this.#decide(connection, consumes, known)
      if (decisions.rows.length > 0) await this.#write(connection, decisions)
      await this.#run('commit', connection, 'commit')
      this.#tell(decisions)
      this.#measure(decisions)
      return decisions.outcomes
    } catch (error) {
      await connection.unsafe('rollback').catch(() => {})
      throw error
    } finally {
      this.storage.pool.release(connection)
    }
  }

  #run(name: string, client: Client, sql: string, values: unknown[] = []) {
    const { statements } = this.host.metrics
    return statements.answered(statements.of(sql, name), () => runOn(client, sql, values), lengthOf)
  }

  async #read(client: Client, ids: number[], keyed: readonly Consume[], lock: string): Promise<Known> {
    const keys = JSON.stringify(keyed.map(({ automationId, key }) => [automationId, key]))
    const [facts, lots, earlier] = (await Promise.all([
      this.#run(lock ? 'ledger_lock' : 'ledger_accounts', client, `${ACCOUNTS} ${lock}`, [arrayOf(ids)]),
      this.#run('ledger_lots', client, LOTS, [arrayOf(ids)]),
      keyed.length > 0 ? this.#run('ledger_keys', client, EARLIER, [keys]) : [],
    ])) as unknown as [AccountRow[], LotRow[], EarlierRow[]]
    const accounts = new Map<number, Account>()
    for (const { id, user_id, automation_id, is_active } of facts) {
      accounts.set(id, { userId: user_id, automationId: automation_id, isActive: is_active, lots: [] })
    }
    for (const { user_automation_id, expires_at, ...lot } of lots) {
      accounts.get(user_automation_id)?.lots.push({ ...lot, expiresAt: expires_at })
    }
    for (const account of accounts.values()) account.lots.sort(byBurnOrder)
    return { accounts, earlier: new Map(earlier.map((row) => [keyName(row.automationId, row.key), row])) }
  }

  async #decide(
    client: Client,
    consumes: readonly Consume[],
    { accounts, earlier }: Known,
  ): Promise<Decisions> {
    const decisions: Decisions = {
      rows: [],
      lots: new Map(),
      days: new Map(),
      totals: new Map(),
      users: new Set(),
      outcomes: [],
      replayed: 0,
    }
    const now = this.host.clock()
    for (const consume of consumes) {
      const account = accounts.get(consume.userAutomationId)
      if (account?.automationId !== consume.automationId) {
        decisions.outcomes.push(noSuchSubscription())
        continue
      }
      const name = consume.key === null ? null : keyName(consume.automationId, consume.key)
      const before = name === null ? undefined : earlier.get(name)
      if (before) {
        const isSame = isSameConsume(before, consume)
        if (isSame) decisions.replayed++
        decisions.outcomes.push(
          isSame ? accepted(before.usageId, before.demoAfter, before.paidAfter) : keyReused(),
        )
        continue
      }
      const takes = account.isActive ? burn(account.lots, consume.units, now) : null
      const { demo, paid } = balanceOf(account.lots, now)
      if (!takes) {
        const reason = account.isActive ? 'insufficient' : 'inactive'
        decisions.outcomes.push({ accepted: false, demo, paid, usageId: null, reason })
        continue
      }
      const usageId = this.#nextId <= this.#lastId ? this.#nextId++ : await this.#usageId(client)
      if (name !== null) earlier.set(name, earlierOf(consume, usageId, demo, paid))
      record(decisions, consume, account, { usageId, takes, demo, paid, now })
      decisions.outcomes.push(accepted(usageId, demo, paid))
    }
    return decisions
  }

  #write(connection: Client, { rows, lots, days, totals }: Decisions) {
    const now = rows[0]?.created_at as number
    const byId = <T extends unknown[]>(map: Map<number, T>) =>
      JSON.stringify([...map].sort((a, b) => a[0] - b[0]).map(([id, values]) => [id, ...values]))
    return this.#run('ledger_write', connection, write(hourOf(now)), [
      JSON.stringify(rows),
      arrayOf(lots.keys()),
      arrayOf(lots.values()),
      byId(days),
      byId(totals),
      dayOf(now),
      this.#slot,
    ])
  }

  /** Cached replies that show these balances are dropped before anyone hears of the consumes. */
  #tell({ users }: Decisions) {
    const { versions } = this.host.caches
    if (users.size > 0) this.host.caches.spent([...users].map((id) => versions.slot(`tokens:${id}`)))
  }

  #measure({ outcomes, rows, replayed }: Decisions) {
    const { consumes, groups } = this.host.metrics
    groups.observe(outcomes.length)
    if (rows.length > 0) consumes.inc({ outcome: 'accepted' }, rows.length)
    if (replayed > 0) consumes.inc({ outcome: 'replayed' }, replayed)
    for (const outcome of outcomes) {
      if (!(outcome instanceof Error) && outcome.reason) consumes.inc({ outcome: outcome.reason })
    }
  }
}

const NEXT_ID = `select nextval('token_usage_id') as first`
const lengthOf = (rows: unknown[]) => rows.length

interface Spent {
  usageId: number
  takes: Take[]
  demo: number
  paid: number
  now: number
}

function record(
  decisions: Decisions,
  consume: Consume,
  account: Account,
  { usageId, takes, demo, paid, now }: Spent,
) {
  const { userAutomationId, automationId, units } = consume
  decisions.rows.push({
    id: usageId,
    user_automation_id: userAutomationId,
    user_id: account.userId,
    automation_id: automationId,
    tokens: units,
    usage_type: consume.usageType,
    lot_id: takes[0]?.[0] ?? 0,
    split: takes.length > 1 ? JSON.stringify(takes) : null,
    demo_after: demo,
    paid_after: paid,
    idempotency_key: consume.key,
    meta: consume.meta,
    occurred_at: consume.occurredAt,
    created_at: now,
  })
  for (const [lotId, taken] of takes) decisions.lots.set(lotId, (decisions.lots.get(lotId) ?? 0) + taken)
  decisions.users.add(account.userId)
  add(decisions.days, userAutomationId, units)
  add(decisions.totals, automationId, units)
}

function add(sums: Map<number, [number, number]>, id: number, units: number) {
  const found = sums.get(id)
  if (!found) sums.set(id, [units, 1])
  else {
    found[0] += units
    found[1]++
  }
}

const earlierOf = (consume: Consume, usageId: number, demoAfter: number, paidAfter: number): Earlier => ({
  usageId,
  userAutomationId: consume.userAutomationId,
  tokens: consume.units,
  usageType: consume.usageType,
  meta: consume.meta,
  occurredAt: consume.occurredAt,
  demoAfter,
  paidAfter,
})
