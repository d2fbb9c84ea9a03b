/** Where a page of a list in the order of time ended. */
export interface TimeKey {
  /** Milliseconds UTC. */
  at: number
  id: number
}

/** Where a page of a list in the order of some column ended. */
export interface ValueKey {
  value: string | number
  id: number
}

/**
 * A page out of rows that were read with `limit + 1`: the one too many only says that there are more.
 *
 * @returns `last`, whose key the next page starts after; null when this is the last page.
 */
export function cut<Row>(rows: Row[], limit: number): { rows: Row[]; last: Row | null } {
  if (rows.length <= limit) return { rows, last: null }
  return { rows: rows.slice(0, limit), last: rows[limit - 1] as Row }
}
