// Who is in the data set and who spends: worked out by number, so that the data set, the load and the raw loops
// agree without asking each other.

export interface Size {
  users: number
  automations: number
  subscriptionsPerUser: number
  /** Rows of `token_usage` that are there before the load begins. */
  usageRows: number
  /** Over how many days before today they are spread. */
  days: number
  /** The share of subscriptions that are paused or cancelled: nothing can be consumed from those. */
  atRest: number
}

/** What consumes are measured on. */
export const FULL_SIZE: Size = {
  users: 10_000,
  automations: 6,
  subscriptionsPerUser: 3,
  usageRows: 1_000_000,
  days: 90,
  atRest: 0,
}

const USAGE_PER_USER = 30

/** What reads are measured on: 3 subscriptions and 30 usage rows for each user. */
export const sizeOf = (users: number): Size => ({
  users,
  automations: 12,
  subscriptionsPerUser: 3,
  usageRows: users * USAGE_PER_USER,
  days: 90,
  atRest: 0.06,
})

export type Draw = 'zipf' | 'uniform'

export const subscriptionsOf = (size: Size) => size.users * size.subscriptionsPerUser

/** Subscriptions are numbered from 1, a user's next to each other. */
export const userOf = (subscription: number, size: Size) =>
  Math.floor((subscription - 1) / size.subscriptionsPerUser) + 1

/** A user's subscriptions are to different automations. */
export const automationOf = (subscription: number, size: Size) => {
  const nth = (subscription - 1) % size.subscriptionsPerUser
  return ((userOf(subscription, size) + nth * 2) % size.automations) + 1
}

/** Mulberry32: the same numbers for the same seed, from 0 up to 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number from its own number alone, evenly spread over 32 bits. */
export function mixed(number: number, salt: number): number {
  let t = Math.imul((number ^ Math.imul(salt, 0x9e3779b1)) >>> 0, 0x85ebca6b)
  t = Math.imul(t ^ (t >>> 13), 0xc2b2ae35)
  return (t ^ (t >>> 16)) >>> 0
}

/** Numbers of one list with weights, drawn in constant time (the alias method). */
class Weighted {
  readonly #ids: Uint32Array
  readonly #keep: Float64Array
  readonly #other: Uint32Array
  readonly total: number

  constructor(ids: Uint32Array, weights: Float64Array) {
    const count = ids.length
    this.#ids = ids
    this.#keep = new Float64Array(count)
    this.#other = new Uint32Array(count)
    this.total = weights.reduce((sum, weight) => sum + weight, 0)
    const share = weights.map((weight) => (weight * count) / this.total)
    const small = new Uint32Array(count)
    const large = new Uint32Array(count)
    let smalls = 0
    let larges = 0
    for (let at = 0; at < count; at++) {
      if ((share[at] as number) < 1) small[smalls++] = at
      else large[larges++] = at
    }
    while (smalls > 0 && larges > 0) {
      const less = small[--smalls] as number
      const more = large[larges - 1] as number
      this.#keep[less] = share[less] as number
      this.#other[less] = more
      const left = (share[more] as number) - (1 - (share[less] as number))
      share[more] = left
      if (left < 1) {
        larges--
        small[smalls++] = more
      }
    }
    while (larges > 0) this.#keep[large[--larges] as number] = 1
    while (smalls > 0) this.#keep[small[--smalls] as number] = 1
  }

  pick(random: number): number {
    const place = random * this.#ids.length
    const at = Math.floor(place)
    const kept = place - at < (this.#keep[at] as number)
    return this.#ids[kept ? at : (this.#other[at] as number)] as number
  }
}

export interface Picker {
  /** A subscription. */
  any(): number
  /** The subscriptions of one batch: a service may only spend from its own. */
  batch(count: number): { automationId: number; subscriptions: number[] }
}

/** The order of popularity is the same for every seed. */
export function picker(size: Size, draw: Draw, seed: number): Picker {
  const order = shuffled(subscriptionsOf(size), randomNumbers(4_711))
  const random = randomNumbers(seed)
  const weights = Float64Array.from(order, (_, rank) => (draw === 'zipf' ? 1 / (rank + 1) : 1))
  const all = new Weighted(order, weights)
  let ofAutomation: { lists: Weighted[]; automations: Weighted } | undefined
  return {
    any: () => all.pick(random()),
    batch: (count) => {
      ofAutomation ??= byAutomation(size, order, weights)
      const automationId = ofAutomation.automations.pick(random())
      const list = ofAutomation.lists[automationId - 1] as Weighted
      return { automationId, subscriptions: Array.from({ length: count }, () => list.pick(random())) }
    },
  }
}

function byAutomation(size: Size, order: Uint32Array, weights: Float64Array) {
  const lists = Array.from({ length: size.automations }, (_, index) => {
    const mine = (subscription: number) => automationOf(subscription, size) === index + 1
    return new Weighted(
      order.filter(mine),
      weights.filter((_, rank) => mine(order[rank] as number)),
    )
  })
  const totals = Float64Array.from(lists, ({ total }) => total)
  return {
    lists,
    automations: new Weighted(
      Uint32Array.from(lists, (_, index) => index + 1),
      totals,
    ),
  }
}

function shuffled(count: number, random: () => number): Uint32Array {
  const ids = Uint32Array.from({ length: count }, (_, index) => index + 1)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = ids[last] as number
    ids[last] = ids[other] as number
    ids[other] = moved
  }
  return ids
}
