import { dayOf, hourOf } from '../src/lib/time.ts'
import { automationOf, picker, randomNumbers, type Size, subscriptionsOf, userOf } from './population.ts'

// The contents of a data set as rows, whatever database they go to. They add up: see src/ledger/audit.ts.

export const DEMO_TOKENS = 5
export const PAID_TOKENS = 1_000_000_000
const DAY_MS = 86_400_000

/** A lot's id from its subscription's: the demo lot is the first of two. */
export const demoLotOf = (subscription: number) => subscription * 2 - 1
export const paidLotOf = (subscription: number) => subscription * 2

type Cell = string | number | null

export interface Target {
  /** Inserts rows whose columns are those of the first. */
  insert(table: string, rows: readonly Record<string, Cell>[]): Promise<void> | void
}

const CHUNK = 5_000

/** Puts everything into the target, oldest first. */
export async function fill(
  target: Target,
  size: Size,
  { tokens, now, progress }: { tokens: Row[]; now: number; progress: (done: number) => void },
) {
  const createdAt = now - (size.days + 1) * DAY_MS
  await chunked(target, 'users', size.users + 1, (index) => userRow(index + 1, size, createdAt))
  await chunked(target, 'automations', size.automations, (index) => automationRow(index + 1, createdAt))
  await target.insert('service_tokens', tokens)
  await chunked(target, 'user_automations', subscriptionsOf(size), (index) =>
    subscriptionRow(index + 1, size, createdAt),
  )
  const used = await fillUsage(target, size, { now, progress })
  await chunked(target, 'lots', subscriptionsOf(size) * 2, (index) => lotRow(index, used, createdAt))
}

type Row = Record<string, Cell>

async function chunked(target: Target, table: string, count: number, row: (index: number) => Row) {
  for (let from = 0; from < count; from += CHUNK) {
    const length = Math.min(CHUNK, count - from)
    await target.insert(
      table,
      Array.from({ length }, (_, index) => row(from + index)),
    )
  }
}

const userRow = (id: number, { users }: Size, at: number): Row => ({
  id,
  email: id > users ? 'manager@bench.test' : `customer-${id}@bench.test`,
  name: id > users ? 'The manager' : `Customer ${id}`,
  role: id > users ? 'manager' : 'customer',
  created_at: at,
  updated_at: at,
})

const automationRow = (id: number, at: number): Row => ({
  id,
  name: `Automation ${id}`,
  description: 'For the benchmark',
  pricing_type: 'token_per_session',
  price_per_token: 100,
  currency: 'EUR',
  demo_tokens: DEMO_TOKENS,
  is_listed: 1,
  health_status: 'healthy',
  created_at: at,
  updated_at: at,
})

const subscriptionRow = (id: number, size: Size, at: number): Row => ({
  id,
  user_id: userOf(id, size),
  automation_id: automationOf(id, size),
  status: 'active',
  integration_status: 'connected',
  created_at: at,
  updated_at: at,
})

function lotRow(index: number, used: Uint32Array, at: number): Row {
  const subscription = (index >> 1) + 1
  const isDemo = index % 2 === 0
  const spent = used[subscription] ?? 0
  const fromDemo = Math.min(spent, DEMO_TOKENS)
  return {
    id: isDemo ? demoLotOf(subscription) : paidLotOf(subscription),
    user_automation_id: subscription,
    kind: isDemo ? 'demo' : 'paid',
    tokens: isDemo ? DEMO_TOKENS : PAID_TOKENS,
    remaining: isDemo ? DEMO_TOKENS - fromDemo : PAID_TOKENS - (spent - fromDemo),
    priority: isDemo ? 10 : 30,
    created_at: at,
  }
}

/** @returns the tokens used, by subscription. */
async function fillUsage(
  target: Target,
  size: Size,
  { now, progress }: { now: number; progress: (done: number) => void },
) {
  const used = new Uint32Array(subscriptionsOf(size) + 1)
  const random = randomNumbers(99)
  const pick = picker(size, 'zipf', 100)
  const firstDay = dayOf(now) - size.days
  let id = 0
  for (let day = 0; day < size.days; day++) {
    const until = Math.round((size.usageRows * (day + 1)) / size.days)
    const rollUps = new RollUps(firstDay + day)
    const count = until - id
    let rows: Row[] = []
    for (let nth = 0; nth < count; nth++) {
      id++
      const at = (firstDay + day) * DAY_MS + Math.floor((nth * DAY_MS) / count)
      const row = usageRow(id, pick.any(), size, { at, used, random })
      rollUps.add(row)
      rows.push(row)
      if (rows.length < CHUNK && nth < count - 1) continue
      await target.insert('token_usage', rows)
      rows = []
      progress(id)
    }
    await rollUps.insertInto(target)
  }
  return used
}

function usageRow(
  id: number,
  subscription: number,
  size: Size,
  { at, used, random }: { at: number; used: Uint32Array; random: () => number },
): Row {
  const before = used[subscription] ?? 0
  used[subscription] = before + 1
  const isDemo = before < DEMO_TOKENS
  return {
    id,
    user_automation_id: subscription,
    user_id: userOf(subscription, size),
    automation_id: automationOf(subscription, size),
    tokens: 1,
    usage_type: 'bench',
    lot_id: isDemo ? demoLotOf(subscription) : paidLotOf(subscription),
    demo_after: Math.max(0, DEMO_TOKENS - before - 1),
    paid_after: PAID_TOKENS - Math.max(0, before + 1 - DEMO_TOKENS),
    idempotency_key: timeOrderedKey(at, random),
    created_at: at,
  }
}

/** As a UUID of version 7 of that moment. */
function timeOrderedKey(at: number, random: () => number) {
  const time = at.toString(16).padStart(12, '0')
  const part = () => (Math.floor(random() * 0x10000) + 0x10000).toString(16).slice(1)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${part().slice(1)}-8${part().slice(1)}-${part()}${part()}${part()}`
}

const HOURS = Array.from({ length: 24 }, (_, hour) => `h${hour}`)

class RollUps {
  readonly #subscriptions = new Map<number, Row>()
  readonly #automations = new Map<number, Row>()

  constructor(private readonly day: number) {}

  add(usage: Row) {
    const hour = `h${hourOf(usage.created_at as number)}`
    const subscription = usage.user_automation_id as number
    const automation = usage.automation_id as number
    const day = { day: this.day, tokens: 0, events: 0, ...ZEROS }
    count(this.#subscriptions, subscription, hour, () => ({ ...day, user_automation_id: subscription }))
    count(this.#automations, automation, hour, () => ({ ...day, automation_id: automation, slot: 0 }))
  }

  async insertInto(target: Target) {
    const days = [...this.#subscriptions.values()]
    days.sort((a, b) => (a.user_automation_id as number) - (b.user_automation_id as number))
    await chunked(target, 'usage_days', days.length, (index) => days[index] as Row)
    await target.insert('usage_totals', [...this.#automations.values()])
  }
}

const ZEROS = Object.fromEntries(HOURS.map((hour) => [hour, 0]))

function count(rows: Map<number, Row>, id: number, hour: string, make: () => Row) {
  let row = rows.get(id)
  if (!row) {
    row = make()
    rows.set(id, row)
  }
  for (const column of ['tokens', 'events', hour]) row[column] = (row[column] as number) + 1
}
