import type { Db, Tx } from '../storage/storage.ts'
import type { LotKind } from '../storage/tables.ts'

/** Burned first to last. */
export const PRIORITY = { demo: 10, promotional: 20, adjustment: 30, paid: 30 } as const

export interface Grant {
  userAutomationId: number
  kind: LotKind
  /** Whole tokens, 1 or more. */
  tokens: number
  /** Lower burns first; by kind unless given. */
  priority?: number
  /** Milliseconds UTC after which what is left counts no more. */
  expiresAt?: number | null
}

/** Adds a lot to a balance. The subscription must exist. */
export async function grant(_tx: Tx, _grant: Grant): Promise<{ lotId: number }> {
  throw new Error('being written')
}

/** Tokens left that haven't expired: `demo` from demo lots, `paid` from all others. */
export interface Balance {
  demo: number
  paid: number
  total: number
}

/** Balances of many subscriptions in one statement; every id asked for is in the answer. */
export async function balancesOf(
  _db: Db | Tx,
  _userAutomationIds: readonly number[],
  _now: number,
): Promise<Map<number, Balance>> {
  throw new Error('being written')
}
