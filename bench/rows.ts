import { dayOf, HOUR_MS } from '../src/lib/time.ts'
import { automationName, person, usageType } from './people.ts'
import {
  automationOf,
  mixed,
  picker,
  randomNumbers,
  type Size,
  subscriptionsOf,
  userOf,
} from './population.ts'

// The contents of a data set as rows, whatever database they go to. They add up: see src/ledger/audit.ts.

/** Raise it when something else is filled in. */
export const CONTENTS = 3

export const DEMO_TOKENS = 5
export const PAID_TOKENS = 1_000_000_000
const DAY_MS = 86_400_000
/** Users signed up over two years, before the first usage. */
const SIGN_UP_DAYS = 730

/** A lot's id from its subscription's: the demo lot is the first of two. */
export const demoLotOf = (subscription: number) => subscription * 2 - 1
export const paidLotOf = (subscription: number) => subscription * 2

export const STAFF = ['manager', 'technical_team', 'support_staff'] as const
/** Staff come after the customers. */
export const managerOf = ({ users }: Size) => users + 1
export const EMAIL_OF_MANAGER = 'manager@bench.test'

export type Cell = string | number | null

export interface Target {
  /** Rows one after another in a list that is used again when it returns. */
  insert(table: string, columns: readonly string[], cells: Cell[]): Promise<void> | void
  /** Consumes of a day by subscription, ascending: as `insert` of `usage_days`, without its many zeros. */
  days(day: number, groups: DayGroups): Promise<void> | void
}

export interface DayGroups {
  count: number
  subscriptions: Uint32Array
  tokens: Uint32Array
  events: Uint32Array
  /** 24 for each group. */
  hours: Uint32Array
  /** The only hour of the group; 24 when there are several. */
  onlyHour: Uint8Array
}

export interface Filling {
  /** Of `service_tokens`, one for each automation. */
  tokenHashes: string[]
  /** Of the one password that all users have. */
  passwordHash: string
  now: number
  progress(done: number): void
}

const CHUNK = 5_000
/** Of users: triggers count them in one row, of which PostgreSQL keeps a version for each until the chunk is in. */
const USERS_CHUNK = 1_000

/** Puts everything into the target, oldest first. */
export async function fill(target: Target, size: Size, filling: Filling) {
  const firstUsage = (dayOf(filling.now) - size.days) * DAY_MS
  const table = async (
    name: string,
    columns: readonly string[],
    count: number,
    row: (id: number) => Cell[],
  ) => {
    const chunk = name === 'users' ? USERS_CHUNK : CHUNK
    for (let from = 1; from <= count; from += chunk) {
      const cells: Cell[] = []
      for (let id = from; id < Math.min(from + chunk, count + 1); id++) cells.push(...row(id))
      await target.insert(name, columns, cells)
    }
  }
  const signUp = (user: number) =>
    firstUsage - Math.ceil((1 - Math.min(1, user / (size.users + 1))) * SIGN_UP_DAYS * DAY_MS) - DAY_MS
  await table('users', USERS, size.users + STAFF.length, (id) =>
    userCells(id, size, { at: signUp(id), passwordHash: filling.passwordHash }),
  )
  await table('automations', AUTOMATIONS, size.automations, (id) => automationCells(id, signUp(1) - DAY_MS))
  await table('service_tokens', SERVICE_TOKENS, size.automations, (id) => {
    const hash = filling.tokenHashes[id - 1] as string
    return [id, id, hash.slice(0, 8), hash, 'consume', firstUsage]
  })
  await table('user_automations', USER_AUTOMATIONS, subscriptionsOf(size), (id) =>
    subscriptionCells(id, size, signUp(userOf(id, size))),
  )
  const used = await fillUsage(target, size, filling)
  const lots = subscriptionsOf(size) * 2
  await table('lots', LOTS, lots, (id) => {
    const subscription = (id + 1) >> 1
    return lotCells(id, used[subscription] as number, signUp(userOf(subscription, size)))
  })
  // Staff gave something to one in twenty, today, after all that usage; each left its entry in the audit trail.
  const staff = managerOf(size)
  const today = dayOf(filling.now) * DAY_MS
  const adjustments = Math.ceil(size.users / ADJUSTED)
  const at = (id: number) => today + Math.floor(((filling.now - today) * id) / (adjustments + 1))
  const adjusted = (id: number) => (id - 1) * ADJUSTED * size.subscriptionsPerUser + 1
  await table('lots', LOTS, adjustments, (id) => [lots + id, adjusted(id), 'adjustment', 50, 50, 30, at(id)])
  await table('adjustments', ADJUSTMENTS, adjustments, (id) => {
    const after = DEMO_TOKENS + PAID_TOKENS - (used[adjusted(id)] as number) + 50
    return [id, adjusted(id), 50, 'goodwill', staff, after, at(id)]
  })
  await table('audit_log', AUDIT_LOG, adjustments, (id) => {
    const written = '{"reason":"goodwill"}'
    return [id, staff, 'tokens.adjust', 'user_automation', adjusted(id), written, '127.0.0.1', at(id)]
  })
  await table('sessions', SESSIONS, size.users, (id) => {
    const began = filling.now - Math.floor((mixed(id, 6) / 4_294_967_296) * ENDED_DAYS * DAY_MS)
    return [id, id, began, began, began + DAY_MS, began + HOUR_MS, 'logout', '127.0.0.1', 'bench']
  })
}

const ADJUSTED = 20
/** Everybody signed in and out once within so many days: later ones would be swept away. */
const ENDED_DAYS = 20
const ADJUSTMENTS = `id,user_automation_id,delta_tokens,reason,staff_id,balance_after,created_at`.split(',')
const AUDIT_LOG = `id,staff_id,action,target_type,target_id,after,ip,created_at`.split(',')
const SESSIONS =
  `id,user_id,created_at,last_used_at,expires_at,revoked_at,revoked_reason,ip,user_agent`.split(',')

const USERS =
  `id,email,name,phone_number,password_hash,role,is_active,email_verified,created_at,updated_at`.split(',')

function userCells(
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

const AUTOMATIONS =
  `id,name,description,pricing_type,price_per_token,currency,demo_tokens,is_listed,health_status,
  created_at,updated_at`.split(/,\s*/)

const automationCells = (id: number, at: number): Cell[] => {
  const name = automationName(id)
  const description = `${name} does its work for you, and charges for each ${usageType(id)}.`
  return [id, name, description, 'token_per_session', 100, 'EUR', DEMO_TOKENS, 1, 'healthy', at, at]
}

const SERVICE_TOKENS = ['id', 'automation_id', 'prefix', 'hash', 'scopes', 'created_at']

const USER_AUTOMATIONS = `id,user_id,automation_id,status,integration_status,created_at,updated_at`.split(',')

export const isAtRest = (subscription: number, { atRest }: Size) =>
  mixed(subscription, 5) / 4_294_967_296 < atRest

function subscriptionCells(id: number, size: Size, at: number): Cell[] {
  const status = isAtRest(id, size) ? (id % 3 === 0 ? 'cancelled' : 'paused') : 'active'
  return [id, userOf(id, size), automationOf(id, size), status, 'connected', at, at]
}

const LOTS = `id,user_automation_id,kind,tokens,remaining,priority,created_at`.split(',')

function lotCells(id: number, used: number, at: number): Cell[] {
  const subscription = (id + 1) >> 1
  const fromDemo = Math.min(used, DEMO_TOKENS)
  return id % 2 === 1
    ? [id, subscription, 'demo', DEMO_TOKENS, DEMO_TOKENS - fromDemo, 10, at]
    : [id, subscription, 'paid', PAID_TOKENS, PAID_TOKENS - (used - fromDemo), 30, at]
}

/** How busy the hours of a day (UTC) and the days of a week (from Thursday, as day 0 was one) are. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 14, 12, 13, 14, 14, 13, 11, 9, 8, 7, 6, 5, 3]
const WEEK = [10, 10, 5, 4, 9, 10, 11]

/** How many of all usage rows fall into each hour of the days, the later days a little busier. */
function rhythm(size: Size, firstDay: number): Uint32Array {
  const weights = Float64Array.from({ length: size.days * 24 }, (_, hour) => {
    const day = Math.floor(hour / 24)
    return (HOURS[hour % 24] as number) * (WEEK[(firstDay + day) % 7] as number) * (1 + day / size.days)
  })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  let placed = 0
  return Uint32Array.from(weights, (weight) => {
    before += weight
    const until = Math.round((before / total) * size.usageRows)
    const count = until - placed
    placed = until
    return count
  })
}

const USAGE = `id,user_automation_id,user_id,automation_id,tokens,usage_type,lot_id,demo_after,paid_after,
  idempotency_key,created_at`.split(/,\s*/)

/** @returns the tokens used, by subscription. */
async function fillUsage(target: Target, size: Size, { now, progress }: Filling) {
  const used = new Uint32Array(subscriptionsOf(size) + 1)
  const random = randomNumbers(99)
  const pick = picker(size, 'zipf', 100)
  const firstDay = dayOf(now) - size.days
  const perHour = rhythm(size, firstDay)
  const cells: Cell[] = []
  let id = 0
  const usage = (at: number) => {
    const subscription = pick.any()
    const before = used[subscription] as number
    const isDemo = before < DEMO_TOKENS
    const tokens = isDemo ? 1 : 1 + ((random() * 3) | 0)
    used[subscription] = before + tokens
    const automation = automationOf(subscription, size)
    const paidAfter = isDemo ? PAID_TOKENS : PAID_TOKENS - (before + tokens - DEMO_TOKENS)
    const lot = isDemo ? demoLotOf(subscription) : paidLotOf(subscription)
    const demoAfter = isDemo ? DEMO_TOKENS - before - 1 : 0
    cells.push(++id, subscription, userOf(subscription, size), automation, tokens, usageType(automation), lot)
    cells.push(demoAfter, paidAfter, timeOrderedKey(at, random), at)
    return { subscription, automation, tokens }
  }
  for (let day = 0; day < size.days; day++) {
    const rollUps = new RollUps(size, perHour.subarray(day * 24, day * 24 + 24))
    for (let hour = 0; hour < 24; hour++) {
      const from = (firstDay + day) * DAY_MS + hour * HOUR_MS
      const count = perHour[day * 24 + hour] as number
      for (let nth = 0; nth < count; nth++) {
        rollUps.add(usage(from + Math.floor(((nth + random()) * HOUR_MS) / count)), hour)
        if (cells.length >= CHUNK * USAGE.length) await flush()
      }
    }
    await flush()
    await target.days(firstDay + day, rollUps.groups())
    await target.insert('usage_totals', TOTALS, rollUps.totals(firstDay + day))
  }
  return used

  async function flush() {
    if (cells.length > 0) await target.insert('token_usage', USAGE, cells)
    cells.length = 0
    progress(id)
    // So that a signal is heard.
    await new Promise(setImmediate)
  }
}

const HEX = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'))

const THREE = Array.from({ length: 0x1000 }, (_, value) => value.toString(16).padStart(3, '0'))

/** As a UUID of version 7 of that moment. */
function timeOrderedKey(at: number, random: () => number) {
  const high = (random() * 0x100000000) >>> 0
  const low = (random() * 0x100000000) >>> 0
  const a = HEX[high & 0xffff] as string
  const b = HEX[high >>> 16] as string
  const c = HEX[low & 0xffff] as string
  const first = HEX[Math.floor(at / 0x100000000) & 0xffff] as string
  const second = HEX[(at >>> 16) & 0xffff] as string
  return `${first}${second}-${HEX[at & 0xffff]}-7${THREE[high & 0xfff]}-8${THREE[(high >>> 16) & 0xfff]}-${a}${b}${c}`
}

const HOUR_COLUMNS = Array.from({ length: 24 }, (_, hour) => `h${hour}`)
export const DAYS = ['day', 'user_automation_id', 'tokens', 'events', ...HOUR_COLUMNS]
const TOTALS = ['day', 'automation_id', 'slot', 'tokens', 'events', ...HOUR_COLUMNS]
/** Tokens of a usage are fewer. */
const TOKENS_MOST = 8

/** What a day's consumes add up to, by subscription and by automation. */
class RollUps {
  /** Subscription, hour and tokens in one number each, so that sorting them groups them. */
  readonly #events: Float64Array
  readonly #totals: Uint32Array
  #count = 0

  constructor(
    private readonly size: Size,
    perHour: Uint32Array,
  ) {
    this.#events = new Float64Array(perHour.reduce((sum, count) => sum + count, 0))
    // Tokens, events, and tokens by hour.
    this.#totals = new Uint32Array(size.automations * 26)
  }

  add(
    { subscription, automation, tokens }: { subscription: number; automation: number; tokens: number },
    hour: number,
  ) {
    this.#events[this.#count++] = (subscription * 32 + hour) * TOKENS_MOST + tokens
    const at = (automation - 1) * 26
    this.#plus(at, tokens)
    this.#plus(at + 1, 1)
    this.#plus(at + 2 + hour, tokens)
  }

  #plus(place: number, count: number) {
    this.#totals[place] = (this.#totals[place] as number) + count
  }

  groups(): DayGroups {
    const events = this.#events.sort()
    const most = events.length
    const groups = {
      count: 0,
      subscriptions: new Uint32Array(most),
      tokens: new Uint32Array(most),
      events: new Uint32Array(most),
      hours: new Uint32Array(most * 24),
      onlyHour: new Uint8Array(most),
    }
    let at = -1
    for (const event of events) {
      const tokens = event % TOKENS_MOST
      const rest = Math.floor(event / TOKENS_MOST)
      const subscription = Math.floor(rest / 32)
      const hour = rest % 32
      if (at < 0 || groups.subscriptions[at] !== subscription) {
        at++
        groups.subscriptions[at] = subscription
        groups.onlyHour[at] = hour
      } else if (groups.onlyHour[at] !== hour) groups.onlyHour[at] = 24
      groups.tokens[at] = (groups.tokens[at] as number) + tokens
      groups.events[at] = (groups.events[at] as number) + 1
      groups.hours[at * 24 + hour] = (groups.hours[at * 24 + hour] as number) + tokens
    }
    return { ...groups, count: at + 1 }
  }

  totals(day: number): Cell[] {
    const cells: Cell[] = []
    for (let automation = 1; automation <= this.size.automations; automation++) {
      const from = (automation - 1) * 26
      if (this.#totals[from + 1] === 0) continue
      cells.push(day, automation, 0, ...this.#totals.subarray(from, from + 26))
    }
    return cells
  }
}
