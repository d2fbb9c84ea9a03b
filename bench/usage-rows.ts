import { DAY_MS, dayOf, HOUR_MS } from '../src/lib/time.ts'
import { type Cell, DEMO_TOKENS, demoLotOf, PAID_TOKENS, paidLotOf } from './cells.ts'
import type { Filling, Target } from './filling.ts'
import { usageType } from './people.ts'
import { automationOf, picker, randomNumbers, type Size, subscriptionsOf, userOf } from './population.ts'
import { RollUps, TOTALS } from './roll-ups.ts'

/** So many rows are handed over at once. */
const ROWS_AT_ONCE = 5_000

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
export async function fillUsage(target: Target, size: Size, { now, progress }: Filling) {
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
        if (cells.length >= ROWS_AT_ONCE * USAGE.length) await flush()
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
