import { sql } from 'kysely'
import { Refusal } from '../lib/refusal.ts'
import { dayOf, hourOf } from '../lib/time.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db, Tx } from '../storage/storage.ts'
import type { LotKind } from '../storage/tables.ts'
import { keyReused } from './entry.ts'
import { balanceOf, burn, byBurnOrder, type DatedBalance, type Lot, type Take } from './lots.ts'

/** Burned first to last. */
export const PRIORITY: Record<LotKind, number> = { demo: 10, promotional: 20, adjustment: 30, paid: 30 }

export const MAX_TOKENS = 1_000_000_000

export interface Grant {
  userAutomationId: number
  userId: number
  kind: LotKind
  /** Whole tokens, 1 or more. */
  tokens: number
  /** Lower burns first; by kind unless given. */
  priority?: number
  /** Milliseconds UTC after which what is left counts no more. */
  expiresAt?: number | null
}

/** Adds a lot to a balance. The subscription must exist, and be this user's. */
export async function grant(tx: Tx, { userAutomationId, userId, kind, tokens, priority, expiresAt }: Grant) {
  const lot = await tx
    .insertInto('lots')
    .values({
      user_automation_id: userAutomationId,
      kind,
      tokens,
      remaining: tokens,
      priority: priority ?? PRIORITY[kind],
      expires_at: expiresAt ?? null,
      created_at: tx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  tx.touch(`balance:${userAutomationId}`, `tokens:${userId}`)
  return { lotId: lot.id }
}

const selectBalances = prepared((db, given: Given<{ ids: string; now: number }>) =>
  db
    .selectFrom('lots')
    .select('user_automation_id')
    .select(sql<number>`cast(sum(case when kind = 'demo' then remaining else 0 end) as bigint)`.as('demo'))
    .select(sql<number>`cast(sum(remaining) as bigint)`.as('total'))
    .select(sql<number | null>`min(case when remaining > 0 then expires_at end)`.as('until'))
    .where(amongList(db, 'user_automation_id', given('ids')))
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', given('now'))]))
    .groupBy('user_automation_id'),
)

/** Balances of many subscriptions in one statement; every id asked for is in the answer. */
export async function balancesOf(db: Db | Tx, userAutomationIds: readonly number[], now: number) {
  const balances = new Map<number, DatedBalance>(
    userAutomationIds.map((id) => [id, { demo: 0, paid: 0, total: 0, until: null }]),
  )
  if (balances.size === 0) return balances
  const rows = await selectBalances(db, { ids: listOf(db, balances.keys()), now })
  for (const { user_automation_id, demo, total, until } of rows) {
    balances.set(user_automation_id, { demo, paid: total - demo, total, until })
  }
  return balances
}

/**
 * Holds a balance until the transaction ends: a no-op update locks on both databases. Everyone who changes a balance
 * takes this lock first (`PostgresConsumption` with FOR NO KEY UPDATE).
 *
 * @returns its owner, and its lots in the order in which they burn.
 */
async function lockLots(tx: Tx, userAutomationId: number): Promise<{ userId: number; lots: Lot[] }> {
  const locked = await tx
    .updateTable('user_automations')
    .set((row) => ({ updated_at: row.ref('updated_at') }))
    .where('id', '=', userAutomationId)
    .returning('user_id')
    .executeTakeFirst()
  if (!locked) throw new Refusal('missing', 'no_such_subscription', 'There is no such user automation')
  const rows = await tx
    .selectFrom('lots')
    .select(['id', 'kind', 'remaining', 'priority', 'expires_at'])
    .where('user_automation_id', '=', userAutomationId)
    .where('remaining', '>', 0)
    .execute()
  const lots = rows.map(({ expires_at, ...lot }) => ({ ...lot, expiresAt: expires_at })).sort(byBurnOrder)
  return { userId: locked.user_id, lots }
}

const move = (tx: Tx, takes: readonly Take[], sign: 1 | -1) =>
  Promise.all(
    takes.map(([lotId, tokens]) =>
      tx
        .updateTable('lots')
        .set((lots) => ({ remaining: lots('remaining', '+', sign * tokens) }))
        .where('id', '=', lotId)
        .execute(),
    ),
  )

export interface Adjustment {
  userAutomationId: number
  /** Whole tokens, not zero; negative takes from paid lots first. */
  deltaTokens: number
  /** The customer can read it. */
  reason: string
  note: string | null
  staffId: number
  key: string | null
  /** Of the lot that a positive one adds. */
  kind: AdjustmentKind
  /** Milliseconds UTC after which what is left of it counts no more. */
  expiresAt: number | null
}

export const ADJUSTMENT_KINDS = ['adjustment', 'paid', 'promotional'] as const
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number]

/**
 * Adds to or takes from a balance by hand. Run it inside `Consumption.exclusively` of the subscription.
 *
 * @throws Refusal `no_such_subscription` (missing).
 * @throws Refusal `tokens_insufficient` (unpaid): taking more than is left.
 * @throws Refusal `key_reused` (conflict): the key was used for a different adjustment.
 */
export async function adjust(tx: Tx, adjustment: Adjustment) {
  const { userAutomationId, deltaTokens, reason, note, staffId, key, kind, expiresAt } = adjustment
  const { userId, lots } = await lockLots(tx, userAutomationId)
  // Looked up after the lock: of two at once with one key, the second sees the first.
  const earlier = await earlierAdjustment(tx, adjustment)
  if (earlier) return { adjustment: earlier, isNew: false }
  const balance = balanceOf(lots, tx.now)
  if (deltaTokens > 0) await grant(tx, { userAutomationId, userId, kind, tokens: deltaTokens, expiresAt })
  else {
    const paidFirst = lots.sort(
      (a, b) => Number(a.kind === 'demo') - Number(b.kind === 'demo') || byBurnOrder(a, b),
    )
    const takes = burn(paidFirst, -deltaTokens, tx.now)
    if (!takes) {
      throw new Refusal('unpaid', 'tokens_insufficient', `Only ${balance.total} tokens are left`, {
        tokens_remaining: balance.total,
      })
    }
    await move(tx, takes, -1)
    tx.touch(`balance:${userAutomationId}`, `tokens:${userId}`)
  }
  const made = await tx
    .insertInto('adjustments')
    .values({
      user_automation_id: userAutomationId,
      delta_tokens: deltaTokens,
      reason,
      note,
      staff_id: staffId,
      idempotency_key: key,
      balance_after: balance.total + deltaTokens,
      lot_kind: deltaTokens > 0 ? kind : null,
      lot_expires_at: deltaTokens > 0 ? expiresAt : null,
      created_at: tx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  // Taken at the same time for another subscription.
  if (!made) throw keyReused()
  return { adjustment: made, isNew: true }
}

async function earlierAdjustment(tx: Tx, adjustment: Adjustment) {
  const { key, userAutomationId, deltaTokens, reason, kind, expiresAt } = adjustment
  if (key === null) return undefined
  const earlier = await tx
    .selectFrom('adjustments')
    .selectAll()
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  if (!earlier) return undefined
  const isSame =
    earlier.user_automation_id === userAutomationId &&
    earlier.delta_tokens === deltaTokens &&
    earlier.reason === reason &&
    (deltaTokens < 0 || ((earlier.lot_kind ?? 'adjustment') === kind && earlier.lot_expires_at === expiresAt))
  if (!isSame) throw keyReused()
  return earlier
}

/**
 * Mends a mistaken consume: a row of its own gives the tokens back to the lots that they came from (an expired lot
 * stays expired), and the roll-ups of the original's day lose it. A second reversal returns the first.
 * Run it inside `Consumption.exclusively` of the subscription.
 *
 * @param newId from `Consumption.newUsageId`.
 * @throws Refusal `no_such_usage` (missing), `is_reversal` (conflict).
 */
export async function reverseUsage(
  tx: Tx,
  { usageId, newId, reason }: { usageId: number; newId: number; reason: string },
) {
  const usage = await tx.selectFrom('token_usage').selectAll().where('id', '=', usageId).executeTakeFirst()
  if (!usage) throw new Refusal('missing', 'no_such_usage', 'There is no such usage')
  if (usage.tokens < 0)
    throw new Refusal('conflict', 'is_reversal', 'A reversal can not be reversed; adjust instead')
  const { userId, lots } = await lockLots(tx, usage.user_automation_id)
  const takes: Take[] = usage.split ? JSON.parse(usage.split) : [[usage.lot_id, usage.tokens]]
  const kinds = await tx
    .selectFrom('lots')
    .select(['id', 'kind'])
    .where(
      'id',
      'in',
      takes.map(([lotId]) => lotId),
    )
    .execute()
  const back = (demo: boolean) =>
    takes.reduce(
      (sum, [id, n]) => sum + (kinds.some((k) => k.id === id && (k.kind === 'demo') === demo) ? n : 0),
      0,
    )
  const balance = balanceOf(lots, tx.now)
  const made = await tx
    .insertInto('token_usage')
    .values({
      ...usage,
      id: newId,
      tokens: -usage.tokens,
      demo_after: balance.demo + back(true),
      paid_after: balance.paid + back(false),
      idempotency_key: null,
      meta: JSON.stringify({ reason }),
      occurred_at: null,
      reverses_id: usage.id,
      created_at: tx.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!made) {
    const earlier = await tx
      .selectFrom('token_usage')
      .selectAll()
      .where('reverses_id', '=', usageId)
      .executeTakeFirst()
    return { reversal: earlier as NonNullable<typeof earlier>, isNew: false }
  }
  await move(tx, takes, 1)
  await unroll(tx, usage)
  await forgetSum(tx, usage.created_at)
  tx.touch(`balance:${usage.user_automation_id}`, `tokens:${userId}`, 'usage')
  return { reversal: made, isNew: true }
}

/** Name of the fact, `{day, tokens}`, that says what was used in all before that day. */
export const USED_BEFORE = 'tokens_used_before'
/** Days before today that are never summed up: consumes may still be brought into them. */
export const OPEN_DAYS = 2

/** A sum of closed days that a reversal has made wrong goes; until the next one is made all days are read. */
async function forgetSum(tx: Tx, usedAt: number) {
  if (dayOf(usedAt) >= dayOf(tx.now) - OPEN_DAYS) return
  await tx.deleteFrom('facts').where('name', '=', USED_BEFORE).execute()
}

interface Rolled {
  created_at: number
  user_automation_id: number
  automation_id: number
  tokens: number
}

/** Takes a usage out of the roll-ups of its day and hour. */
async function unroll(tx: Tx, usage: Rolled) {
  const day = dayOf(usage.created_at)
  const hour = sql.ref(`h${hourOf(usage.created_at)}`)
  const less = sql`tokens = tokens - ${usage.tokens}, events = events - 1, ${hour} = ${hour} - ${usage.tokens}`
  await sql`update usage_days set ${less}
    where day = ${day} and user_automation_id = ${usage.user_automation_id}`.execute(tx)
  await sql`update usage_totals set ${less}
    where day = ${day} and automation_id = ${usage.automation_id} and slot = (
      select min(slot) from usage_totals where day = ${day} and automation_id = ${usage.automation_id})`.execute(
    tx,
  )
}
