import type { RateLimiterRes } from 'rate-limiter-flexible'
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import type { Config } from '../config.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Outgoing } from './route.ts'

export interface Limiter {
  /**
   * Takes one of the key's points.
   * @throws Refusal too_many with `retryAfterSeconds`.
   */
  take(key: string): Promise<Taken>
  /** Gives a point back: a right password is no attempt at guessing. */
  giveBack(key: string): Promise<void>
}

export interface Taken {
  limit: number
  remaining: number
  resetSeconds: number
}

/** Tells the caller how much is left. */
export function showLimit(reply: Outgoing, { limit, remaining, resetSeconds }: Taken) {
  reply.header('ratelimit-limit', String(limit))
  reply.header('ratelimit-remaining', String(remaining))
  reply.header('ratelimit-reset', String(resetSeconds))
}

const seconds = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000))

/** `points` per `perSeconds` and key, counted in this process; bounded by expiry. */
export function limiter(config: Config, name: string, points: number, perSeconds: number): Limiter {
  const unlimited = { limit: points, remaining: points, resetSeconds: 0 }
  if (!config.rateLimits) return { take: async () => unlimited, giveBack: async () => {} }
  const memory = new RateLimiterMemory({ keyPrefix: name, points, duration: perSeconds })
  return {
    take: async (key) => {
      try {
        const taken = await memory.consume(key)
        return { limit: points, remaining: taken.remainingPoints, resetSeconds: seconds(taken) }
      } catch (refused) {
        const retryAfterSeconds = seconds(refused as RateLimiterRes)
        throw new Refusal(
          'too_many',
          'rate_limited',
          `Too many requests; try again in ${retryAfterSeconds} s`,
          {
            retryAfterSeconds,
          },
        )
      }
    },
    giveBack: async (key) => void (await memory.reward(key)),
  }
}
