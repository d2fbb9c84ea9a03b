import { Refusal } from '../../lib/refusal.ts'
import type { Examination } from './examine.ts'
import type { Outcome, Undone } from './optimize.ts'
import { type Place, tune } from './tuning.ts'

// What the staff pages do while the server answers requests: nothing that takes long, or everything to itself.

/** So many rows are sorted in seconds, during which SQLite's other writes wait; PostgreSQL's don't. */
const MOST_ROWS = { sqlite: 1_000_000, postgres: 10_000_000 }

/** What was found in the database, with the evidence; changes nothing. */
export const listFindings = (place: Place): Promise<Examination> => tune(place, { kind: 'examine' })

/**
 * Mends one finding.
 *
 * @throws Refusal `finding_unknown` (missing): it is not there (any more), or nothing mends it.
 * @throws Refusal `not_online` (conflict): it would take too long, or needs the database to itself.
 * @throws Refusal `not_applied` (conflict): the database refused; nothing was changed.
 */
export async function applyFinding(place: Place, id: string, nowMs: number): Promise<Outcome> {
  const wishes = { id, onlineRows: MOST_ROWS[place.dialect], nowMs }
  const outcome = await tune(place, { kind: 'optimize', wishes })
  const failed = outcome.steps.find(({ error }) => error !== null)
  if (failed) throw new Refusal('conflict', 'not_applied', `The database refused: ${failed.error}`)
  return outcome
}

/**
 * Takes back the last run, whoever made it.
 *
 * @throws Refusal `nothing_to_undo` (missing).
 * @throws Refusal `not_undone` (conflict): what the database refused stays on record.
 */
export async function undoLastRun(place: Place): Promise<Undone> {
  const undone = await tune(place, { kind: 'undo' })
  if (undone.run === null) throw new Refusal('missing', 'nothing_to_undo', 'There is no run to take back')
  const failed = undone.steps.find(({ error }) => error !== null)
  if (failed) throw new Refusal('conflict', 'not_undone', `The database refused: ${failed.error}`)
  return undone
}
