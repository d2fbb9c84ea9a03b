import type { Caches } from '../cache/cache.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Clock } from '../lib/time.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Balance, Take } from './lots.ts'

/** What the ledger needs of the App. */
export interface Host {
  clock: Clock
  log: { error(fields: object, message: string): void }
  metrics: Metrics
  caches: Pick<Caches, 'versions' | 'spent'>
  onClose(hook: () => Promise<void> | void): void
}

/** One accepted consume, as the journal holds it: a tuple, for it is written and read on the hottest path. */
export type Entry = [
  usageId: number,
  userAutomationId: number,
  userId: number,
  automationId: number,
  tokens: number,
  usageType: string,
  takes: Take[],
  demoAfter: number,
  paidAfter: number,
  key: string | null,
  meta: string | null,
  occurredAt: number | null,
  createdAt: number,
]

/** What a service asks for. */
export interface Consume {
  automationId: number
  userAutomationId: number
  /** Whole tokens, 1 or more. */
  units: number
  usageType: string
  /** JSON with sorted keys, so that equal contents are equal text. */
  meta: string | null
  key: string | null
  /** Milliseconds UTC. */
  occurredAt: number | null
}

/** The answer to a consume. */
export interface Receipt {
  accepted: boolean
  demo: number
  paid: number
  /** null when nothing was spent. */
  usageId: number | null
  /** Why it was not accepted. */
  reason: 'insufficient' | 'inactive' | null
}

/** The parts of an earlier consume that its key is bound to. */
export interface Earlier {
  usageId: number
  userAutomationId: number
  tokens: number
  usageType: string
  meta: string | null
  occurredAt: number | null
  demoAfter: number
  paidAfter: number
}

export const isSameConsume = (earlier: Earlier, consume: Consume) =>
  earlier.userAutomationId === consume.userAutomationId &&
  earlier.tokens === consume.units &&
  earlier.usageType === consume.usageType &&
  earlier.meta === consume.meta &&
  earlier.occurredAt === consume.occurredAt

export const accepted = (usageId: number, demo: number, paid: number): Receipt => ({
  accepted: true,
  demo,
  paid,
  usageId,
  reason: null,
})

/** The answer to one of many: a receipt, or the refusal of that one. */
export type Outcome = Receipt | Error

/**
 * The hot path of the ledger. Its two shapes keep one promise: what is acknowledged is on disk, no balance goes
 * below zero, a key spends once.
 */
export interface Consumption {
  /**
   * Decides each in order; resolves when every accepted one is durable.
   * An outcome that is an Error is a Refusal: `no_such_subscription` (missing), `key_reused` (conflict).
   */
  consume(consumes: readonly Consume[]): Promise<Outcome[]>
  /** @throws Refusal `no_such_subscription` (missing) for another service's subscription as for none. */
  balance(automationId: number, userAutomationId: number): Promise<Balance>
  /** Runs `work` while nothing else is spent from the subscription, and with all that was spent in the tables. */
  exclusively<T>(userAutomationId: number, work: () => Promise<T>): Promise<T>
  /** An id for a row of `token_usage`. */
  newUsageId(): Promise<number>
}

export const noSuchSubscription = () =>
  new Refusal('missing', 'no_such_subscription', 'There is no such user automation for this service')

export const keyReused = () =>
  new Refusal('conflict', 'key_reused', 'This idempotency key was used before, with other contents')

/** How a key is told from another service's. */
export const keyName = (automationId: number, key: string) => `${automationId}:${key}`

/** Reads an `Earlier` out of `token_usage`. */
export const EARLIER_COLUMNS = `id as "usageId", user_automation_id as "userAutomationId", tokens,
  usage_type as "usageType", meta, occurred_at as "occurredAt", demo_after as "demoAfter", paid_after as "paidAfter"`
