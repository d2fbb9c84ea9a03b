import type { Cell } from './cells.ts'
import type { DayGroups } from './roll-ups.ts'

export interface Target {
  /** Rows one after another in a list that is used again when it returns. */
  insert(table: string, columns: readonly string[], cells: Cell[]): Promise<void> | void
  /** Consumes of a day by subscription, ascending: as `insert` of `usage_days`, without its many zeros. */
  days(day: number, groups: DayGroups): Promise<void> | void
}

export interface Filling {
  /** Of `service_tokens`, one for each automation. */
  tokenHashes: string[]
  /** Of the one password that all users have. */
  passwordHash: string
  now: number
  progress(done: number): void
}
