import { PRIORITY } from '../ledger/ledger.ts'
import type { Tx } from '../storage/storage.ts'
import type { Offer } from './cast.ts'
import type { Life } from './life.ts'
import { insertAll, rollUps, type UsageRow } from './rows.ts'

/** An offer that is in the shop. */
export type Sold = Offer & { id: number }

/** A subscription with its life; `id` is its own. */
export interface Lived {
  id: number
  userId: number
  offer: Sold
  life: Life
}

/** @returns the ids of each subscription's lots, in the order of its life. */
export async function writeLots(tx: Tx, lived: Lived[]): Promise<Map<number, number[]>> {
  const ids = new Map<number, number[]>()
  for (const { id, life } of lived) {
    const own: number[] = []
    for (const { kind, tokens, remaining, expiresAt, at } of life.lots) {
      const lot = await tx
        .insertInto('lots')
        .values({
          user_automation_id: id,
          kind,
          tokens,
          remaining,
          priority: PRIORITY[kind],
          expires_at: expiresAt,
          created_at: at,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      own.push(lot.id)
    }
    ids.set(id, own)
  }
  return ids
}

export async function writeAdjustments(tx: Tx, lived: Lived[], staffIds: number[]) {
  const adjustments = lived.flatMap(({ id, life }) =>
    life.adjustments.map(({ at, delta, reason, balanceAfter }) => ({
      user_automation_id: id,
      delta_tokens: delta,
      reason,
      staff_id: staffIds[2] ?? null,
      balance_after: balanceAfter,
      created_at: at,
    })),
  )
  await insertAll(
    tx,
    'adjustments',
    adjustments.sort((a, b) => a.created_at - b.created_at),
  )
}

export async function writeUsage(
  tx: Tx,
  lived: Lived[],
  lotIds: ReadonlyMap<number, number[]>,
  onRows: (done: number, total: number) => void,
) {
  const rows = lived.flatMap(({ id, userId, offer, life }) =>
    life.usages.map(({ at, tokens, takes, demoAfter, paidAfter }): Omit<UsageRow, 'id'> => {
      const split = takes.map(([lot, taken]) => [lotIds.get(id)?.[lot] ?? 0, taken] as const)
      return {
        user_automation_id: id,
        user_id: userId,
        automation_id: offer.id,
        tokens,
        usage_type: offer.usageType,
        lot_id: split[0]?.[0] ?? 0,
        split: split.length > 1 ? JSON.stringify(split) : null,
        demo_after: demoAfter,
        paid_after: paidAfter,
        created_at: at,
      }
    }),
  )
  const inOrder = rows
    .sort((a, b) => a.created_at - b.created_at)
    .map((row, index): UsageRow => ({ id: index + 1, ...row }))
  await insertAll(tx, 'token_usage', inOrder, onRows)
  const { days, totals } = rollUps(inOrder)
  await insertAll(tx, 'usage_days', days)
  await insertAll(tx, 'usage_totals', totals)
}
