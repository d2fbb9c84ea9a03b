import { balancesOf } from '../ledger/ledger.ts'
import { Refusal } from '../lib/refusal.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'

export interface Page {
  userId: number
  /** Only those whose status is active. */
  onlyActive?: boolean
  /** Goes on after this id. */
  after?: number | null
  limit: number
}

/** One subscription with its automation and what is left on it; the bot token stays inside. */
export type Subscription = Awaited<ReturnType<typeof subscriptionsOf>>[number]

/** A customer's subscriptions in order of id, in two statements however many there are. Read after a write has
 * committed, not in it: the ledger makes its balances visible to `db` alone. */
export async function subscriptionsOf(db: Db, page: Page, now: number) {
  const { userId, onlyActive = false, after, limit } = page
  const rows = await selectPage(db, { userId, after: after ?? 0 }, { onlyActive, limit })
  return withBalances(db, rows, now)
}

const selectPage = prepared(
  (
    db,
    given: Given<{ userId: number; after: number }>,
    { onlyActive, limit }: { onlyActive: boolean; limit: number },
  ) =>
    selectSubscriptions(db)
      .where('ua.user_id', '=', given('userId'))
      .where('ua.id', '>', given('after'))
      .$if(onlyActive, (query) => query.where('ua.status', '=', 'active'))
      .orderBy('ua.id')
      .limit(limit),
)

/** The customer's subscription to this automation, if there is one. */
export async function subscriptionTo(
  db: Db,
  { userId, automationId }: { userId: number; automationId: number },
  now: number,
): Promise<Subscription | undefined> {
  const rows = await selectSubscriptions(db)
    .where('ua.user_id', '=', userId)
    .where('ua.automation_id', '=', automationId)
    .execute()
  return (await withBalances(db, rows, now))[0]
}

export const notAdded = () => new Refusal('missing', 'not_added', 'You have not added this automation')

function selectSubscriptions(db: Db) {
  return db
    .selectFrom('user_automations as ua')
    .innerJoin('automations as a', 'a.id', 'ua.automation_id')
    .select([
      'ua.id',
      'ua.automation_id',
      'ua.status',
      'ua.integration_status',
      'ua.webhook_url',
      'ua.provisioned_at',
      'ua.created_at',
      'a.name',
      'a.description',
      'a.pricing_type',
      'a.price_per_token',
      'a.currency',
      'a.demo_tokens as automation_demo_tokens',
      'a.dashboard_url',
      'a.health_status',
      'a.is_listed',
      'a.created_at as automation_created_at',
    ])
    .select(({ eb }) => eb('ua.telegram_bot_token', 'is not', null).as('has_bot_token'))
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('lots')
          .select('lots.id')
          .whereRef('lots.user_automation_id', '=', 'ua.id')
          .where('lots.kind', '=', 'demo'),
      ).as('had_demo'),
    )
}

type Row = Awaited<ReturnType<ReturnType<typeof selectSubscriptions>['execute']>>[number]

async function withBalances(db: Db, rows: Row[], now: number) {
  const ids = rows.map((row) => row.id)
  const balances = await balancesOf(db, ids, now)
  return rows.map((row) => ({
    ...row,
    // SQLite says 1, PostgreSQL true.
    has_bot_token: Boolean(row.has_bot_token),
    had_demo: Boolean(row.had_demo),
    balance: balances.get(row.id) ?? { demo: 0, paid: 0, total: 0, until: null },
  }))
}
