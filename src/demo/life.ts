import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../lib/time.ts'
import type { LotKind } from '../storage/tables.ts'
import type { Offer } from './cast.ts'
import type { Random } from './random.ts'

/** What a subscription went through, in the words of the ledger; lots by their index. Times are milliseconds UTC. */
export interface Life {
  lots: LifeLot[]
  usages: Usage[]
  adjustments: { at: number; delta: number; reason: string; balanceAfter: number }[]
}

export interface LifeLot {
  kind: LotKind
  tokens: number
  remaining: number
  expiresAt: number | null
  at: number
}

export interface Usage {
  at: number
  tokens: number
  takes: [lot: number, tokens: number][]
  demoAfter: number
  paidAfter: number
}

export interface Subscriber {
  offer: Offer
  since: number
  until: number
  persian: boolean
  /** How much more than others they use it. */
  zeal: number
  /** Whether they ever pay. */
  pays: boolean
}

/** Uses per hour of the day, local time: mornings and afternoons, hardly any at night. */
const HOURS = [1, 1, 0, 0, 0, 1, 2, 5, 10, 14, 15, 13, 9, 12, 14, 13, 11, 8, 6, 5, 5, 4, 3, 2]
const TEHRAN_MS = 3.5 * HOUR_MS
const PACKS = [50, 100, 100, 200, 500]
const WEEKEND = { persian: [5], others: [0, 6] }
/** In the order in which they burn. */
const BURN_ORDER: LotKind[] = ['demo', 'promotional', 'adjustment', 'paid']

/** Lives it day by day, with the ledger's own rule of burning: by priority, then earlier expiry, then age. */
export function live(random: Random, subscriber: Subscriber): Life {
  const life: Life = { lots: [], usages: [], adjustments: [] }
  const { offer, since, until, pays } = subscriber
  arrive(life, 'demo', offer.demoTokens, since)
  let dryUntil = 0
  for (const at of momentsOfUse(random, subscriber)) {
    if (at < dryUntil) continue
    const tokens = random.between(...offer.tokensAtOnce)
    if (pays && random.chance(0.004)) adjustment(life, random, at - MINUTE_MS)
    if (pays && random.chance(0.006)) {
      arrive(life, 'promotional', 10, at - MINUTE_MS, at + random.between(5, 30) * DAY_MS)
    }
    if (use(life, tokens, at)) continue
    if (!pays) break
    // Some buy at once, others think about it for some days.
    if (random.chance(0.4)) dryUntil = at + random.between(1, 6) * DAY_MS
    else {
      arrive(life, 'paid', random.pick(PACKS), at - MINUTE_MS)
      use(life, tokens, at)
    }
  }
  // So that the present isn't a desert: who is dry now has mostly just bought.
  if (pays && left(life, until).demo + left(life, until).paid === 0 && random.chance(0.7)) {
    arrive(life, 'paid', random.pick(PACKS), until - random.between(5, 600) * MINUTE_MS)
  }
  return life
}

/** Daily rhythm, quiet weekends, and a business that slowly grows. */
function momentsOfUse(random: Random, { offer, since, until, persian, zeal }: Subscriber): number[] {
  const weekend = persian ? WEEKEND.persian : WEEKEND.others
  const moments: number[] = []
  for (let day = dayOf(since); day <= dayOf(until); day++) {
    const isWeekend = weekend.includes(new Date(day * DAY_MS).getUTCDay())
    const growth = 0.6 + (0.8 * (day * DAY_MS - since)) / (180 * DAY_MS)
    const count = random.poisson(offer.perDay * zeal * growth * (isWeekend ? 0.3 : 1))
    for (let i = 0; i < count; i++) {
      const local = day * DAY_MS + random.weighted(HOURS) * HOUR_MS + random.between(0, HOUR_MS - 1)
      const at = persian ? local - TEHRAN_MS : local
      if (at > since && at < until) moments.push(at)
    }
  }
  return moments.sort((a, b) => a - b)
}

function arrive({ lots }: Life, kind: LotKind, tokens: number, at: number, expiresAt: number | null = null) {
  lots.push({ kind, tokens, remaining: tokens, expiresAt, at })
}

/** Burns, or does nothing and returns false when too little is there. */
function use(life: Life, tokens: number, at: number): boolean {
  const takes = burn(life, tokens, at)
  if (!takes) return false
  const after = left(life, at)
  life.usages.push({ at, tokens, takes, demoAfter: after.demo, paidAfter: after.paid })
  return true
}

function burn({ lots }: Life, tokens: number, at: number) {
  const live = lots
    .map((lot, index) => ({ lot, index }))
    .filter(({ lot }) => lot.remaining > 0 && isLive(lot, at))
    .sort((a, b) => priority(a.lot) - priority(b.lot) || expiry(a.lot) - expiry(b.lot) || a.index - b.index)
  if (live.reduce((sum, { lot }) => sum + lot.remaining, 0) < tokens) return null
  const takes: Usage['takes'] = []
  let missing = tokens
  for (const { lot, index } of live) {
    const taken = Math.min(lot.remaining, missing)
    lot.remaining -= taken
    missing -= taken
    takes.push([index, taken])
    if (missing === 0) break
  }
  return takes
}

const priority = ({ kind }: LifeLot) => Math.min(BURN_ORDER.indexOf(kind), 2)
const expiry = ({ expiresAt }: LifeLot) => expiresAt ?? Number.MAX_SAFE_INTEGER
const isLive = ({ expiresAt }: LifeLot, at: number) => expiresAt === null || expiresAt > at

function left({ lots }: Life, at: number) {
  const sum = (isDemo: boolean) =>
    lots
      .filter((lot) => (lot.kind === 'demo') === isDemo && isLive(lot, at))
      .reduce((total, { remaining }) => total + remaining, 0)
  return { demo: sum(true), paid: sum(false) }
}

const GIFTS = ['Sorry for the slow answers on Monday', 'Thank you for the bug report', 'Goodwill']

/** Mostly a gift of support; now and then something is taken back. */
function adjustment(life: Life, random: Random, at: number) {
  const paid = life.lots.find((lot) => lot.kind === 'paid' && lot.remaining >= 5)
  const balance = () => {
    const { demo, paid: rest } = left(life, at)
    return demo + rest
  }
  if (paid && random.chance(0.25)) {
    paid.remaining -= 5
    const reason = 'An order was credited twice'
    life.adjustments.push({ at, delta: -5, reason, balanceAfter: balance() })
    return
  }
  const delta = random.pick([5, 10, 20])
  arrive(life, 'adjustment', delta, at)
  life.adjustments.push({ at, delta, reason: random.pick(GIFTS), balanceAfter: balance() })
}
