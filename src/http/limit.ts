import type { Config } from '../config.ts'
import { Refusal } from '../lib/refusal.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Outgoing } from './route.ts'

/** Of one limiter. Past it the oldest are forgotten: networks of an IPv6 address can be had without end. */
const KEYS_MOST = 100_000

export interface Limiter {
  /**
   * Takes one of the key's points; what is refused takes none.
   * @throws Refusal too_many with `retryAfterSeconds`.
   */
  take(key: string): Taken
}

export interface Taken {
  limit: number
  remaining: number
  resetSeconds: number
  /** Gives the point back: a right password is no attempt at guessing. */
  giveBack(): void
}

/** Tells the caller how much is left. */
export function showLimit(reply: Outgoing, { limit, remaining, resetSeconds }: Omit<Taken, 'giveBack'>) {
  reply.header('ratelimit-limit', String(limit))
  reply.header('ratelimit-remaining', String(remaining))
  reply.header('ratelimit-reset', String(resetSeconds))
}

/** What a key took since it was first seen, until when that counts. */
interface Window {
  used: number
  endsAt: number
}

const secondsUntil = (at: number) => Math.max(1, Math.ceil((at - performance.now()) / SECOND_MS))

const tooMany = (retryAfterSeconds: number) =>
  new Refusal('too_many', 'rate_limited', `Too many requests; try again in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  })

/** `points` per `perSeconds` and key, counted in this process. */
export function limiter(config: Config, points: number, perSeconds: number): Limiter {
  if (!config.rateLimits) {
    return { take: () => ({ limit: points, remaining: points, resetSeconds: 0, giveBack() {} }) }
  }
  /** In the order in which they began, which is that in which they end. */
  const windows = new Map<string, Window>()
  const windowOf = (key: string) => {
    const known = windows.get(key)
    const now = performance.now()
    if (known && known.endsAt > now) return known
    windows.delete(key)
    for (const [oldest, { endsAt }] of windows) {
      if (endsAt > now && windows.size < KEYS_MOST) break
      windows.delete(oldest)
    }
    const begun = { used: 0, endsAt: now + perSeconds * SECOND_MS }
    windows.set(key, begun)
    return begun
  }
  return {
    take: (key) => {
      const window = windowOf(key)
      const resetSeconds = secondsUntil(window.endsAt)
      if (window.used >= points) throw tooMany(resetSeconds)
      window.used++
      const giveBack = () => void window.used--
      return { limit: points, remaining: points - window.used, resetSeconds, giveBack }
    },
  }
}
