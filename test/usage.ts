import { sql } from 'kysely'
import { dayOf, HOUR_MS, hourOf } from '../src/lib/time.ts'
import type { Tx } from '../src/storage/storage.ts'
import type { TestCustomer, TestZimmer } from './zimmer.ts'

const CHUNK = 500
let lastId = 5_000_000_000

interface PastUse {
  tokens: number
  /** Milliseconds UTC. */
  at: number
  type?: string
  meta?: object
}

/**
 * A use in the past, as a consume of that time would have left it: the row, the lot and both roll-ups.
 * The customer needs a lot that holds the tokens.
 */
export async function usedBefore(zimmer: TestZimmer, who: TestCustomer, use: PastUse): Promise<number> {
  const [id] = await usesBefore(zimmer, who, [use])
  return id as number
}

/** As `usedBefore`, many at once out of one lot that holds them all. */
export async function usesBefore(zimmer: TestZimmer, who: TestCustomer, uses: readonly PastUse[]) {
  return zimmer.app.write(async (tx) => {
    const lotId = await takeFromLot(
      tx,
      who,
      uses.reduce((sum, { tokens }) => sum + tokens, 0),
    )
    const rows = uses.map(({ type = 'test', meta, ...use }) => ({
      ...row(++lastId, who, { ...use, type, lotId, reverses: null }),
      meta: meta ? JSON.stringify(meta) : null,
    }))
    for (let from = 0; from < rows.length; from += CHUNK) {
      await tx
        .insertInto('token_usage')
        .values(rows.slice(from, from + CHUNK))
        .execute()
    }
    for (const hour of perHour(uses)) await rollUp(tx, who, hour)
    tx.touch('usage', `tokens:${who.userId}`)
    return rows.map(({ id }) => id)
  })
}

async function takeFromLot(tx: Tx, { userAutomationId }: TestCustomer, tokens: number) {
  const lot = await tx
    .selectFrom('lots')
    .select('id')
    .where('user_automation_id', '=', userAutomationId)
    .where('remaining', '>=', tokens)
    .orderBy('priority')
    .executeTakeFirstOrThrow()
  await tx
    .updateTable('lots')
    .set((lots) => ({ remaining: lots('remaining', '-', tokens) }))
    .where('id', '=', lot.id)
    .execute()
  return lot.id
}

function perHour(uses: readonly PastUse[]) {
  const hours = new Map<number, { tokens: number; events: number; at: number }>()
  for (const { tokens, at } of uses) {
    const hour = Math.floor(at / HOUR_MS)
    const sum = hours.get(hour) ?? { tokens: 0, events: 0, at }
    hours.set(hour, { tokens: sum.tokens + tokens, events: sum.events + 1, at })
  }
  return hours.values()
}

/** Gives a past use back, at `at`, as staff would. */
export async function reversedBefore(
  zimmer: TestZimmer,
  who: TestCustomer,
  { usageId, at, reason }: { usageId: number; at: number; reason: string },
) {
  return zimmer.app.write(async (tx) => {
    const usage = await tx
      .selectFrom('token_usage')
      .selectAll()
      .where('id', '=', usageId)
      .executeTakeFirstOrThrow()
    await tx
      .updateTable('lots')
      .set((lots) => ({ remaining: lots('remaining', '+', usage.tokens) }))
      .where('id', '=', usage.lot_id)
      .execute()
    const id = ++lastId
    const reversal = {
      tokens: -usage.tokens,
      at,
      type: usage.usage_type,
      lotId: usage.lot_id,
      reverses: usageId,
    }
    await tx
      .insertInto('token_usage')
      .values({ ...row(id, who, reversal), meta: JSON.stringify({ reason }) })
      .execute()
    await rollUp(tx, who, { tokens: -usage.tokens, events: -1, at: usage.created_at })
    return id
  })
}

const row = (
  id: number,
  who: TestCustomer,
  use: { tokens: number; at: number; type: string; lotId: number; reverses: number | null },
) => ({
  id,
  user_automation_id: who.userAutomationId,
  user_id: who.userId,
  automation_id: who.automationId,
  tokens: use.tokens,
  usage_type: use.type,
  lot_id: use.lotId,
  split: null,
  demo_after: 0,
  paid_after: 0,
  idempotency_key: null,
  occurred_at: null,
  reverses_id: use.reverses,
  created_at: use.at,
})

async function rollUp(
  tx: Tx,
  who: TestCustomer,
  { tokens, events, at }: { tokens: number; events: number; at: number },
) {
  const day = dayOf(at)
  const hour = sql.ref(`h${hourOf(at)}`)
  await sql`insert into usage_days (day, user_automation_id, tokens, events, ${hour})
    values (${day}, ${who.userAutomationId}, ${tokens}, ${events}, ${tokens})
    on conflict (day, user_automation_id) do update set tokens = usage_days.tokens + excluded.tokens,
      events = usage_days.events + excluded.events, ${hour} = usage_days.${hour} + excluded.${hour}`.execute(
    tx,
  )
  await sql`insert into usage_totals (day, automation_id, slot, tokens, events, ${hour})
    values (${day}, ${who.automationId}, 0, ${tokens}, ${events}, ${tokens})
    on conflict (day, automation_id, slot) do update set tokens = usage_totals.tokens + excluded.tokens,
      events = usage_totals.events + excluded.events, ${hour} = usage_totals.${hour} + excluded.${hour}`.execute(
    tx,
  )
}
