import { sessionsOf, userById } from '../accounts/accounts.ts'
import { iso } from '../lib/time.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import { recentReversals, usageOfLastDays, usagePage } from '../usage/usage.ts'
import { subscriptionsOf } from './subscriptions.ts'
import { shownUser } from './users.ts'

const RECENT = 10
const USAGE_DAYS = 30

/**
 * A user in full: automations with their balances, live sessions, recent usage and adjustments.
 * @throws Refusal `no_such_user` (missing).
 */
export async function userInFull(db: Db, userId: number, now: number) {
  const user = await userById(db, userId)
  const automations = await subscriptionsOf(db, userId, now)
  const sessions = await sessionsOf(db, userId, now)
  const { usage: recent } = await usagePage(db, userId, { limit: RECENT })
  return {
    ...shownUser(user),
    automations_count: automations.length,
    tokens_remaining: automations.reduce((sum, { tokens_remaining }) => sum + tokens_remaining, 0),
    automations,
    sessions: sessions.map(({ created_at, last_used_at, expires_at, ...session }) => ({
      ...session,
      created_at: iso(created_at),
      last_used_at: iso(last_used_at),
      expires_at: iso(expires_at),
    })),
    usage: {
      recent,
      reversals: await recentReversals(db, userId, RECENT),
      last_30_days: await usageOfLastDays(db, userId, now, USAGE_DAYS),
    },
    adjustments: await recentAdjustments(
      db,
      automations.map(({ id }) => id),
    ),
  }
}

async function recentAdjustments(db: Db, userAutomationIds: readonly number[]) {
  if (userAutomationIds.length === 0) return []
  const rows = await selectAdjustments(db, { ids: listOf(db, userAutomationIds) })
  return rows.map((row) => ({ ...row, created_at: iso(row.created_at) }))
}

const selectAdjustments = prepared((db, given: Given<{ ids: string }>) =>
  db
    .selectFrom('adjustments as adjustment')
    .leftJoin('users as staff', 'staff.id', 'adjustment.staff_id')
    .select(['adjustment.id', 'adjustment.user_automation_id', 'adjustment.delta_tokens'])
    .select(['adjustment.reason', 'adjustment.note', 'adjustment.balance_after', 'adjustment.staff_id'])
    .select(['adjustment.created_at', 'staff.name as staff_name'])
    .where(amongList(db, 'adjustment.user_automation_id', given('ids')))
    .orderBy('adjustment.id', 'desc')
    .limit(RECENT),
)
