import { DAY_MS, dayOf, HOUR_MS } from '../src/lib/time.ts'
import {
  ADJUSTED,
  ADJUSTMENTS,
  AUDIT_LOG,
  AUTOMATIONS,
  automationCells,
  type Cell,
  DEMO_TOKENS,
  ENDED_DAYS,
  LOTS,
  lotCells,
  managerOf,
  PAID_TOKENS,
  SERVICE_TOKENS,
  SESSIONS,
  SIGN_UP_DAYS,
  STAFF,
  subscriptionCells,
  USER_AUTOMATIONS,
  USERS,
  userCells,
} from './cells.ts'
import type { Filling, Target } from './filling.ts'
import { mixed, type Size, subscriptionsOf, userOf } from './population.ts'
import { fillUsage } from './usage-rows.ts'

// The contents of a data set as rows, whatever database they go to. They add up: see src/ledger/audit.ts.

/** Raise it when something else is filled in. */
export const CONTENTS = 3

const CHUNK = 5_000
/** Of users: triggers count them in one row, of which PostgreSQL keeps a version for each until the chunk is in. */
const USERS_CHUNK = 1_000

/** Puts everything into the target, oldest first. */
export async function fill(target: Target, size: Size, filling: Filling) {
  const table: Table = async (name, columns, count, row) => {
    const chunk = name === 'users' ? USERS_CHUNK : CHUNK
    for (let from = 1; from <= count; from += chunk) {
      const cells: Cell[] = []
      for (let id = from; id < Math.min(from + chunk, count + 1); id++) cells.push(...row(id))
      await target.insert(name, columns, cells)
    }
  }
  const firstUsage = (dayOf(filling.now) - size.days) * DAY_MS
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
  await table('lots', LOTS, subscriptionsOf(size) * 2, (id) => {
    const subscription = (id + 1) >> 1
    return lotCells(id, used[subscription] as number, signUp(userOf(subscription, size)))
  })
  await fillAdjustments(table, size, { used, now: filling.now })
  await table('sessions', SESSIONS, size.users, (id) => {
    const began = filling.now - Math.floor((mixed(id, 6) / 4_294_967_296) * ENDED_DAYS * DAY_MS)
    return [id, id, began, began, began + DAY_MS, began + HOUR_MS, 'logout', '127.0.0.1', 'bench']
  })
}

type Table = (
  name: string,
  columns: readonly string[],
  count: number,
  row: (id: number) => Cell[],
) => Promise<void>

/** Staff gave something to one in twenty, today, after all that usage; each left its entry in the audit trail. */
async function fillAdjustments(table: Table, size: Size, { used, now }: { used: Uint32Array; now: number }) {
  const staff = managerOf(size)
  const lots = subscriptionsOf(size) * 2
  const today = dayOf(now) * DAY_MS
  const count = Math.ceil(size.users / ADJUSTED)
  const at = (id: number) => today + Math.floor(((now - today) * id) / (count + 1))
  const adjusted = (id: number) => (id - 1) * ADJUSTED * size.subscriptionsPerUser + 1
  await table('lots', LOTS, count, (id) => [lots + id, adjusted(id), 'adjustment', 50, 50, 30, at(id)])
  await table('adjustments', ADJUSTMENTS, count, (id) => {
    const after = DEMO_TOKENS + PAID_TOKENS - (used[adjusted(id)] as number) + 50
    return [id, adjusted(id), 50, 'goodwill', staff, after, at(id)]
  })
  await table('audit_log', AUDIT_LOG, count, (id) => {
    const written = '{"reason":"goodwill"}'
    return [id, staff, 'tokens.adjust', 'user_automation', adjusted(id), written, '127.0.0.1', at(id)]
  })
}
