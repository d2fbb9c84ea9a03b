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
}

export const FULL_SIZE: Size = {
  users: 10_000,
  automations: 6,
  subscriptionsPerUser: 3,
  usageRows: 1_000_000,
  days: 90,
}

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

/** Numbers of one list with weights that are Zipf's (s = 1) or all the same; who is popular is left to chance. */
class Weighted {
  readonly #ids: number[] = []
  readonly #upTo: number[] = []
  #total = 0

  add(id: number, weight: number) {
    this.#total += weight
    this.#ids.push(id)
    this.#upTo.push(this.#total)
  }

  get total() {
    return this.#total
  }

  pick(random: number): number {
    const wanted = random * this.#total
    let low = 0
    let high = this.#upTo.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#upTo[middle] as number) <= wanted) low = middle + 1
      else high = middle
    }
    return this.#ids[low] as number
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
  const all = new Weighted()
  const byAutomation = Array.from({ length: size.automations }, () => new Weighted())
  order.forEach((subscription, rank) => {
    const weight = draw === 'zipf' ? 1 / (rank + 1) : 1
    all.add(subscription, weight)
    byAutomation[automationOf(subscription, size) - 1]?.add(subscription, weight)
  })
  const automations = new Weighted()
  byAutomation.forEach((list, index) => {
    automations.add(index + 1, list.total)
  })
  return {
    any: () => all.pick(random()),
    batch: (count) => {
      const automationId = automations.pick(random())
      const list = byAutomation[automationId - 1] as Weighted
      return { automationId, subscriptions: Array.from({ length: count }, () => list.pick(random())) }
    },
  }
}

function shuffled(count: number, random: () => number): number[] {
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = ids[last] as number
    ids[last] = ids[other] as number
    ids[other] = moved
  }
  return ids
}
