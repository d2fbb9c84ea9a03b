import type { Change } from '../../storage/engine.ts'

/** Something about a database that makes it slow, or could lose data. */
export interface Finding {
  /** Stable while it lasts: `missing:idx_users_email`. */
  id: string
  /** A hint may be right or wrong for this database: it fails no `doctor`. */
  level: 'problem' | 'hint'
  what: string
  why: string
  /** For people, where no change is offered, or what to mind about it. */
  advice: string
  change: Change | null
  /** When `optimize` makes the change: always, with `--drop`, when it is named, or not at all. */
  applied: 'always' | 'drop' | 'named' | 'never'
  /** Facts of this database that speak for it. */
  evidence: string[]
}
