import type { LotKind } from '../storage/tables.ts'

/** What is left of one grant. */
export interface Lot {
  id: number
  kind: LotKind
  remaining: number
  priority: number
  /** Milliseconds UTC; from that instant on the lot counts no more. */
  expiresAt: number | null
}

/** Tokens taken from a lot. */
export type Take = [lotId: number, tokens: number]

/** Tokens left that haven't expired: `demo` from demo lots, `paid` from all others. */
export interface Balance {
  demo: number
  paid: number
  total: number
}

/** A balance of which some may expire. */
export interface DatedBalance extends Balance {
  /** Milliseconds UTC of the first expiry among its lots: from then on it is another one. */
  until: number | null
}

export const isLive = (lot: Pick<Lot, 'remaining' | 'expiresAt'>, now: number) =>
  lot.remaining > 0 && (lot.expiresAt === null || lot.expiresAt > now)

export function balanceOf(lots: readonly Lot[], now: number): Balance {
  let demo = 0
  let paid = 0
  for (const lot of lots) {
    if (!isLive(lot, now)) continue
    if (lot.kind === 'demo') demo += lot.remaining
    else paid += lot.remaining
  }
  return { demo, paid, total: demo + paid }
}

/** Priority, then earlier expiry, then age. */
export function byBurnOrder(a: Lot, b: Lot) {
  const never = Number.POSITIVE_INFINITY
  return a.priority - b.priority || (a.expiresAt ?? never) - (b.expiresAt ?? never) || a.id - b.id || 0
}

/**
 * Takes `tokens` from `lots` in their order and lowers what remains of them; takes nothing and returns null when
 * they hold too little.
 */
export function burn(lots: readonly Lot[], tokens: number, now: number): Take[] | null {
  let missing = tokens
  for (const lot of lots) {
    if (isLive(lot, now)) missing -= lot.remaining
    if (missing <= 0) break
  }
  if (missing > 0) return null
  const takes: Take[] = []
  let left = tokens
  for (const lot of lots) {
    if (!isLive(lot, now)) continue
    const taken = Math.min(lot.remaining, left)
    lot.remaining -= taken
    left -= taken
    takes.push([lot.id, taken])
    if (left === 0) break
  }
  return takes
}
