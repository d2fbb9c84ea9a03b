import { automationName, person, usageType } from './people.ts'
import { automationOf, mixed, type Size, userOf } from './population.ts'

// One row of each kind, by its number, as a list of cells in the order of the columns.

export const DEMO_TOKENS = 5
export const PAID_TOKENS = 1_000_000_000
/** Users signed up over two years, before the first usage. */
export const SIGN_UP_DAYS = 730

/** A lot's id from its subscription's: the demo lot is the first of two. */
export const demoLotOf = (subscription: number) => subscription * 2 - 1
export const paidLotOf = (subscription: number) => subscription * 2

export const STAFF = ['manager', 'technical_team', 'support_staff'] as const
/** Staff come after the customers. */
export const managerOf = ({ users }: Size) => users + 1
export const EMAIL_OF_MANAGER = 'manager@bench.test'

export type Cell = string | number | null

export const ADJUSTED = 20
/** Everybody signed in and out once within so many days: later ones would be swept away. */
export const ENDED_DAYS = 20
export const ADJUSTMENTS =
  `id,user_automation_id,delta_tokens,reason,staff_id,balance_after,created_at`.split(',')
export const AUDIT_LOG = `id,staff_id,action,target_type,target_id,after,ip,created_at`.split(',')
export const SESSIONS =
  `id,user_id,created_at,last_used_at,expires_at,revoked_at,revoked_reason,ip,user_agent`.split(',')

export const USERS =
  `id,email,name,phone_number,password_hash,role,is_active,email_verified,created_at,updated_at`.split(',')

export function userCells(
  id: number,
  { users }: Size,
  { at, passwordHash }: { at: number; passwordHash: string },
): Cell[] {
  const role = STAFF[id - users - 1]
  if (role) {
    const email = role === 'manager' ? EMAIL_OF_MANAGER : `${role}@bench.test`
    return [id, email, `Staff ${role}`, null, passwordHash, role, 1, 1, at, at]
  }
  const { name, email, phone } = person(id)
  return [
    id,
    email,
    name,
    phone,
    passwordHash,
    'customer',
    isActiveUser(id) ? 1 : 0,
    isVerified(id) ? 1 : 0,
    at,
    at,
  ]
}

/** The first thousand sign in during a measurement, so they can. */
export const isActiveUser = (id: number) => id <= 1_000 || mixed(id, 4) % 100 < 97
const isVerified = (id: number) => mixed(id, 4) % 100 < 80

export const AUTOMATIONS =
  `id,name,description,pricing_type,price_per_token,currency,demo_tokens,is_listed,health_status,
  created_at,updated_at`.split(/,\s*/)

export const automationCells = (id: number, at: number): Cell[] => {
  const name = automationName(id)
  const description = `${name} does its work for you, and charges for each ${usageType(id)}.`
  return [id, name, description, 'token_per_session', 100, 'EUR', DEMO_TOKENS, 1, 'healthy', at, at]
}

export const SERVICE_TOKENS = ['id', 'automation_id', 'prefix', 'hash', 'scopes', 'created_at']

export const USER_AUTOMATIONS =
  `id,user_id,automation_id,status,integration_status,created_at,updated_at`.split(',')

export const isAtRest = (subscription: number, { atRest }: Size) =>
  mixed(subscription, 5) / 4_294_967_296 < atRest

export function subscriptionCells(id: number, size: Size, at: number): Cell[] {
  const status = isAtRest(id, size) ? (id % 3 === 0 ? 'cancelled' : 'paused') : 'active'
  return [id, userOf(id, size), automationOf(id, size), status, 'connected', at, at]
}

export const LOTS = `id,user_automation_id,kind,tokens,remaining,priority,created_at`.split(',')

export function lotCells(id: number, used: number, at: number): Cell[] {
  const subscription = (id + 1) >> 1
  const fromDemo = Math.min(used, DEMO_TOKENS)
  return id % 2 === 1
    ? [id, subscription, 'demo', DEMO_TOKENS, DEMO_TOKENS - fromDemo, 10, at]
    : [id, subscription, 'paid', PAID_TOKENS, PAID_TOKENS - (used - fromDemo), 30, at]
}
