import type { NotNull } from 'kysely'
import { balancesOf } from '../ledger/ledger.ts'
import { cut } from '../lib/keyset.ts'
import { iso, isoOrNull } from '../lib/time.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import type { SubscriptionStatus } from '../storage/tables.ts'

export interface SubscriptionFilters {
  status?: SubscriptionStatus
  automation_id?: number
  user_id?: number
}

/**
 * Subscriptions newest first, with the names and the balance of each: two statements, whatever the size of
 * the page.
 */
export async function subscriptionsPage(
  db: Db,
  filters: SubscriptionFilters,
  { limit, after, now }: { limit: number; after: number | null; now: number },
) {
  const found = await subscriptionsAfter(db, filters, { limit: limit + 1, after }).execute()
  const { rows, last } = cut(found, limit)
  return { user_automations: await withBalances(db, rows, now), next: last?.id ?? null }
}

/** Apart from its caller so that a test can look at its plan. */
export function subscriptionsAfter(
  db: Db,
  { status, automation_id, user_id }: SubscriptionFilters,
  { limit, after }: { limit: number; after: number | null },
) {
  let query = selected(db).limit(limit)
  if (status !== undefined) query = query.where('subscription.status', '=', status)
  if (automation_id !== undefined) query = query.where('subscription.automation_id', '=', automation_id)
  if (user_id !== undefined) query = query.where('subscription.user_id', '=', user_id)
  return after === null ? query : query.where('subscription.id', '<', after)
}

/** All subscriptions of a user, newest first: at most one for each automation. */
export const subscriptionsOf = async (db: Db, userId: number, now: number) =>
  withBalances(db, await selectOfUser(db, { userId }), now)

const selectOfUser = prepared((db, given: Given<{ userId: number }>) =>
  selected(db).where('subscription.user_id', '=', given('userId')),
)

// Outer joins, though everything is there: they keep SQLite from starting at the few automations and sorting all of
// their subscriptions, which its statistics may suggest.
const selected = (db: Db) =>
  db
    .selectFrom('user_automations as subscription')
    .leftJoin('users', 'users.id', 'subscription.user_id')
    .leftJoin('automations', 'automations.id', 'subscription.automation_id')
    .select([
      'subscription.id',
      'subscription.user_id',
      'users.name as user_name',
      'users.email as user_email',
    ])
    .select(['subscription.automation_id', 'automations.name as automation_name', 'subscription.status'])
    .select(['subscription.integration_status', 'subscription.provisioned_at', 'subscription.created_at'])
    .$narrowType<{ user_name: NotNull; user_email: NotNull; automation_name: NotNull }>()
    .orderBy('subscription.id', 'desc')

type Row = Awaited<ReturnType<ReturnType<typeof selected>['execute']>>[number]

async function withBalances(db: Db, rows: readonly Row[], now: number) {
  const balances = await balancesOf(
    db,
    rows.map(({ id }) => id),
    now,
  )
  return rows.map(({ provisioned_at, created_at, ...subscription }) => {
    const { total, demo, paid } = balances.get(subscription.id) ?? { total: 0, demo: 0, paid: 0 }
    return {
      ...subscription,
      tokens_remaining: total,
      demo_tokens: demo,
      paid_tokens: paid,
      provisioned_at: isoOrNull(provisioned_at),
      created_at: iso(created_at),
    }
  })
}
