import { iso } from '../lib/time.ts'
import type { Db } from '../storage/storage.ts'
import { ANY } from '../storage/user-search.ts'
import { tokensEverUsed } from './usage-stats.ts'
import { countUsers } from './user-kinds.ts'

/**
 * The numbers at the top of the staff's first page. Tickets and revenue are 0 until there is support and
 * billing.
 */
export async function dashboard(db: Db) {
  const { total_count, total_is_estimate } = await countUsers(db, ANY, null)
  const { automations } = await db
    .selectFrom('automations')
    .select(({ fn }) => fn.countAll<number>().as('automations'))
    .executeTakeFirstOrThrow()
  return {
    total_users: total_count,
    total_users_is_estimate: total_is_estimate,
    total_automations: automations,
    total_tickets: 0,
    // Whoever reads this has just had three answers from the database.
    system_status: 'healthy',
  }
}

export async function dashboardStats(db: Db) {
  const { total_count, total_is_estimate } = await countUsers(db, ANY, null)
  return {
    total_users: total_count,
    total_users_is_estimate: total_is_estimate,
    active_tickets: 0,
    tokens_used: await tokensEverUsed(db),
    monthly_revenue: 0,
  }
}

type ActivityType = 'sign_up' | 'subscription' | 'adjustment' | 'staff_action'

interface Activity {
  /** Of the user, subscription, adjustment or audit entry: unique together with `type`. */
  id: number
  type: ActivityType
  message: string
  /** What the message is made of, for clients that say it in another language. */
  details: Record<string, string | number | null>
  created_at: string
}

/** What happened last, newest first: the newest of each kind by id, then the newest of those. */
export async function recentActivity(db: Db, limit: number): Promise<Activity[]> {
  // Of one instant, what follows from the other comes first: nobody subscribes before signing up.
  const found = [
    ...(await staffActions(db, limit)),
    ...(await adjustments(db, limit)),
    ...(await subscriptions(db, limit)),
    ...(await signUps(db, limit)),
  ]
  found.sort((a, b) => b.at - a.at)
  return found.slice(0, limit).map(({ at, ...activity }) => ({ ...activity, created_at: iso(at) }))
}

/** Its adjustment is told already, with names. */
const ADJUSTED = 'tokens.adjust'

type Found = Omit<Activity, 'created_at'> & { at: number }

async function signUps(db: Db, limit: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'name', 'created_at'])
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id, name, created_at }) => ({
    id,
    type: 'sign_up',
    message: `${name} joined`,
    details: { user_id: id, user_name: name },
    at: created_at,
  }))
}

// Outer joins here and below, though everything is there: see `subscriptionsPage`.
async function subscriptions(db: Db, limit: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('user_automations as subscription')
    .leftJoin('users', 'users.id', 'subscription.user_id')
    .leftJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['subscription.id', 'subscription.created_at', 'users.name', 'automations.name as automation'])
    .select(['users.id as user_id', 'automations.id as automation_id'])
    .orderBy('subscription.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id, name, automation, created_at, ...ids }) => ({
    id,
    type: 'subscription',
    message: `${name} added ${automation}`,
    details: { ...ids, user_name: name, automation_name: automation },
    at: created_at,
  }))
}

async function adjustments(db: Db, limit: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('adjustments as adjustment')
    .leftJoin('user_automations as subscription', 'subscription.id', 'adjustment.user_automation_id')
    .leftJoin('users', 'users.id', 'subscription.user_id')
    .leftJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['adjustment.id', 'adjustment.created_at', 'adjustment.delta_tokens', 'adjustment.reason'])
    .select(['users.name', 'automations.name as automation'])
    .select(['users.id as user_id', 'automations.id as automation_id'])
    .orderBy('adjustment.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id, delta_tokens, reason, name, automation, created_at, ...ids }) => ({
    id,
    type: 'adjustment',
    message: `${delta_tokens > 0 ? '+' : ''}${delta_tokens} tokens for ${name} on ${automation}: ${reason}`,
    details: { ...ids, user_name: name, automation_name: automation, delta_tokens, reason },
    at: created_at,
  }))
}

async function staffActions(db: Db, limit: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('audit_log as entry')
    .leftJoin('users as staff', 'staff.id', 'entry.staff_id')
    .select(['entry.id', 'entry.created_at', 'entry.action', 'entry.target_type', 'entry.target_id'])
    .select(['staff.name', 'entry.staff_id'])
    .orderBy('entry.id', 'desc')
    .limit(limit)
    .execute()
  const others = rows.filter(({ action }) => action !== ADJUSTED)
  return others.map(({ id, name, created_at, action, target_type, target_id, staff_id }) => ({
    id,
    type: 'staff_action',
    message: `${name ?? 'The command line'}: ${action}, ${target_type} ${target_id ?? ''}`.trimEnd(),
    details: { staff_id, staff_name: name, action, target_type, target_id },
    at: created_at,
  }))
}
