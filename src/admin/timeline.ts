import { type SelectQueryBuilder, sql } from 'kysely'
import { userById } from '../accounts/accounts.ts'
import { cut, type TimeKey } from '../lib/keyset.ts'
import { DAY_MS, dayOf, dayText, iso, isoOrNull } from '../lib/time.ts'
import { amongList, listOf } from '../storage/among.ts'
import { type Given, prepared } from '../storage/prepared.ts'
import type { Db } from '../storage/storage.ts'
import { usageOfDays } from '../usage/usage.ts'

/** Of one instant, the higher is told first. */
const KINDS = ['sign_up', 'subscription', 'session', 'adjustment', 'staff_action', 'usage'] as const
type Kind = (typeof KINDS)[number]

interface Happening {
  type: Kind
  /** Of the user, subscription, session, adjustment or audit entry; of usage, the day: unique together with `type`. */
  id: number
  at: number
  details: Record<string, unknown>
}

interface Range {
  limit: number
  /** Where the page before ended; its `id` has the kind in it: see `rankOf`. */
  after: TimeKey | null
}

/** One number for an id and its kind, so that things of one instant have an order. */
const rankOf = ({ type, id }: Pick<Happening, 'type' | 'id'>) => id * KINDS.length + KINDS.indexOf(type)

/** The key that happenings of one kind must be below: `rankOf`, solved for the id. */
function below(kind: Kind, after: TimeKey): TimeKey {
  return { at: after.at, id: Math.ceil((after.id - KINDS.indexOf(kind)) / KINDS.length) }
}

const selectSubscriptions = prepared((db, given: Given<{ userId: number }>) =>
  db
    .selectFrom('user_automations as subscription')
    .innerJoin('automations', 'automations.id', 'subscription.automation_id')
    .select(['subscription.id', 'subscription.created_at', 'subscription.status'])
    .select(['automations.id as automation_id', 'automations.name as automation_name'])
    .where('subscription.user_id', '=', given('userId')),
)

/**
 * What happened to a user and what they did, newest first: sign-up, sessions, subscriptions, adjustments, what staff
 * did to them, and what they used on each day, which stands at the end of that (UTC) day. Seven statements, whatever
 * the page.
 *
 * @throws Refusal `no_such_user` (missing).
 */
export async function userTimeline(db: Db, userId: number, range: Range) {
  const user = await userById(db, userId)
  const subscriptions = await selectSubscriptions(db, { userId })
  const names = new Map(subscriptions.map(({ id, automation_name }) => [id, automation_name]))
  const happened: Happening[] = [
    { type: 'sign_up', id: user.id, at: user.created_at, details: { name: user.name, email: user.email } },
    ...subscriptions.map(
      ({ id, created_at, ...details }): Happening => ({ type: 'subscription', id, at: created_at, details }),
    ),
    ...(await sessions(db, userId, range)),
    ...(await adjustments(db, names, range)),
    ...(await staffActions(db, userId, range)),
    ...(await usageDays(db, userId, range)),
  ]
  const { after, limit } = range
  const rest = happened
    .filter((one) => !after || one.at < after.at || (one.at === after.at && rankOf(one) < after.id))
    .sort((a, b) => b.at - a.at || rankOf(b) - rankOf(a))
    .slice(0, limit + 1)
  const { rows, last } = cut(rest, limit)
  return {
    events: rows.map(({ at, ...event }) => ({ ...event, created_at: iso(at) })),
    next: last && { at: last.at, id: rankOf(last) },
  }
}

interface Timed {
  id: number
  created_at: number
}

type Place = { at: number; id: number }
type Shape = { goesOn: boolean; limit: number }

const shapeOf = ({ limit, after }: Range): Shape => ({ goesOn: after !== null, limit })
/** What the happenings of a kind must be below, where a page goes on. */
const placeOf = (kind: Kind, { after }: Range): Place => (after ? below(kind, after) : { at: 0, id: 0 })

/** The newest of a kind, one more than a page has. */
function newest<DB, TB extends keyof DB, Row extends Timed>(
  query: SelectQueryBuilder<DB, TB, Row>,
  table: string,
  given: Given<Place>,
  { goesOn, limit }: Shape,
) {
  const [at, id] = [sql.ref(`${table}.created_at`), sql.ref(`${table}.id`)]
  const rows = query
    .orderBy(at, 'desc')
    .orderBy(id, 'desc')
    .limit(limit + 1)
  return goesOn ? rows.where(sql<boolean>`(${at}, ${id}) < (${given('at')}, ${given('id')})`) : rows
}

const selectSessions = prepared((db, given: Given<Place & { userId: number }>, shape: Shape) => {
  const query = db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'ip', 'user_agent', 'revoked_at', 'revoked_reason'])
    .where('user_id', '=', given('userId'))
  return newest(query, 'sessions', given, shape)
})

async function sessions(db: Db, userId: number, range: Range): Promise<Happening[]> {
  const rows = await selectSessions(db, { userId, ...placeOf('session', range) }, shapeOf(range))
  return rows.map(({ id, created_at, revoked_at, ...rest }) => ({
    type: 'session',
    id,
    at: created_at,
    details: { ...rest, revoked_at: isoOrNull(revoked_at) },
  }))
}

const selectAdjustments = prepared((db, given: Given<Place & { ids: string }>, shape: Shape) => {
  const query = db
    .selectFrom('adjustments')
    .leftJoin('users as staff', 'staff.id', 'adjustments.staff_id')
    .select(['adjustments.id', 'adjustments.created_at', 'user_automation_id', 'delta_tokens', 'reason'])
    .select(['note', 'balance_after', 'staff_id', 'staff.name as staff_name'])
    .where(amongList(db, 'user_automation_id', given('ids')))
  return newest(query, 'adjustments', given, shape)
})

async function adjustments(db: Db, names: Map<number, string>, range: Range): Promise<Happening[]> {
  const ids = listOf(db, names.keys())
  const rows = await selectAdjustments(db, { ids, ...placeOf('adjustment', range) }, shapeOf(range))
  return rows.map(({ id, created_at, ...rest }) => ({
    type: 'adjustment',
    id,
    at: created_at,
    details: { ...rest, automation_name: names.get(rest.user_automation_id) ?? '' },
  }))
}

const selectStaffActions = prepared((db, given: Given<Place & { userId: number }>, shape: Shape) => {
  const query = db
    .selectFrom('audit_log')
    .leftJoin('users as staff', 'staff.id', 'audit_log.staff_id')
    .select(['audit_log.id', 'audit_log.created_at', 'action', 'before', 'after'])
    .select(['staff_id', 'staff.name as staff_name'])
    .where('target_type', '=', 'user')
    .where('target_id', '=', given('userId'))
  return newest(query, 'audit_log', given, shape)
})

async function staffActions(db: Db, userId: number, range: Range): Promise<Happening[]> {
  const rows = await selectStaffActions(db, { userId, ...placeOf('staff_action', range) }, shapeOf(range))
  return rows.map(({ id, created_at, before, after, ...rest }) => ({
    type: 'staff_action',
    id,
    at: created_at,
    details: { ...rest, before: before && JSON.parse(before), after: after && JSON.parse(after) },
  }))
}

async function usageDays(db: Db, userId: number, { limit, after }: Range): Promise<Happening[]> {
  // Its last millisecond is when a day's usage is told.
  let before: number | null = null
  if (after) {
    before = dayOf(after.at + 1)
    const isDayEnd = before * DAY_MS - 1 === after.at
    if (isDayEnd && before - 1 >= below('usage', after).id) before--
  }
  const used = await usageOfDays(db, { userId, before, limit: limit + 1 })
  return used.map(({ day, tokens, events }) => ({
    type: 'usage',
    id: day,
    at: (day + 1) * DAY_MS - 1,
    details: { day: dayText(day), tokens, events },
  }))
}
