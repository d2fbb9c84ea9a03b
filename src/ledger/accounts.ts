import type { Slots, TagVersions } from '../cache/versions.ts'
import type { SqliteStorage } from '../storage/sqlite.ts'
import type { LotKind } from '../storage/tables.ts'
import { byBurnOrder, type Lot, type Take } from './lots.ts'

/** A subscription as the ledger knows it in memory. */
export interface Account {
  userId: number
  automationId: number
  /** Whether the subscription and its user are active. */
  isActive: boolean
  /** In the order in which they burn, less everything accepted so far. */
  lots: Lot[]
  /** What was accepted and may not be in the tables yet. */
  pending: { seq: number; takes: Take[] }[]
  trimAt: number
  /** Of `balance:ID` and `user:ID`, and when it was read. */
  slots: Slots
  since: number
  /** Of `tokens:USER`: what shows the balance depends on it. */
  tokensSlot: number
}

interface Owner {
  user_id: number
  automation_id: number
  is_active: 0 | 1
}

interface LotRow {
  id: number
  kind: LotKind
  remaining: number
  priority: number
  expires_at: number | null
  folded: string
}

/** No join: SQLite would plan it anew at each run, for the parameter might change the plan. */
const LOAD_OWNER = `select user_id, automation_id,
  (status = 'active' and (select is_active from users where id = user_id) = 1) as is_active
  from user_automations where id = ?`

/** One statement, so that the lots and the last folded record are of one moment. */
const LOAD_LOTS = `select id, kind, remaining, priority, expires_at,
  (select value from facts where name = 'ledger_folded') as folded
  from lots where user_automation_id = ? and remaining > 0`

/** Past this, accounts that have nothing pending are let go. */
const MAX_ACCOUNTS = 200_000

/** The subscriptions in memory; a write that touches `balance:ID` or `user:ID` makes the next look read anew. */
export class Accounts {
  readonly #accounts = new Map<number, Account>()
  readonly #loadOwner
  readonly #loadLots
  #foldedSeq = 0

  constructor(
    storage: SqliteStorage,
    private readonly versions: TagVersions,
  ) {
    this.#loadOwner = storage.direct<Owner>('ledger_owner', LOAD_OWNER)
    this.#loadLots = storage.direct<LotRow>('ledger_lots', LOAD_LOTS)
  }

  find(id: number): Account | undefined {
    const known = this.#accounts.get(id)
    if (known && this.#stands(known)) return known
    return this.#read(id, known)
  }

  /** Drops what was decided in record `seq` and after: it did not happen. The rest is read anew. */
  forget(id: number, seq: number) {
    const account = this.#accounts.get(id)
    if (!account) return
    account.pending = account.pending.filter((taken) => taken.seq < seq)
    account.since = -1
  }

  folded(seq: number) {
    this.#foldedSeq = seq
    if (this.#accounts.size <= MAX_ACCOUNTS) return
    for (const [id, account] of this.#accounts) {
      if (!account.pending.some((taken) => taken.seq > seq)) this.#accounts.delete(id)
      if (this.#accounts.size <= MAX_ACCOUNTS / 2) return
    }
  }

  #stands({ slots, since }: Account) {
    return this.versions.unchanged(slots, since)
  }

  #read(id: number, known: Account | undefined): Account | undefined {
    const since = this.versions.now()
    const [owner] = this.#loadOwner(id)
    if (!owner) return undefined
    const rows = this.#loadLots(id)
    const folded = Number(rows[0]?.folded)
    const pending = known?.pending.filter((taken) => taken.seq > folded) ?? []
    const account: Account = {
      userId: owner.user_id,
      automationId: owner.automation_id,
      isActive: owner.is_active === 1,
      lots: rows.map(lotOf).sort(byBurnOrder),
      pending,
      trimAt: 64,
      slots: this.versions.slots([`balance:${id}`, `user:${owner.user_id}`]),
      since,
      tokensSlot: this.versions.slot(`tokens:${owner.user_id}`),
    }
    for (const { takes } of pending) {
      for (const [lotId, tokens] of takes) {
        const lot = account.lots.find((candidate) => candidate.id === lotId)
        if (lot) lot.remaining -= tokens
      }
    }
    this.#accounts.set(id, account)
    return account
  }

  /** Adds to what is pending; lets go of what has reached the tables when the list has doubled. */
  addPending(account: Account, seq: number, takes: Take[]) {
    account.pending.push({ seq, takes })
    if (account.pending.length <= account.trimAt) return
    account.pending = account.pending.filter((taken) => taken.seq > this.#foldedSeq)
    account.trimAt = Math.max(64, account.pending.length * 2)
  }
}

const lotOf = (row: LotRow): Lot => ({
  id: row.id,
  kind: row.kind,
  remaining: row.remaining,
  priority: row.priority,
  expiresAt: row.expires_at,
})
