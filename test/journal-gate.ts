import { Refusal } from '../src/lib/refusal.ts'
import { Journal } from '../src/storage/journal.ts'
import type { TestZimmer } from './zimmer.ts'

type Turn = () => Promise<void>

const gates = new Map<string, Turn>()
const { append } = Journal.prototype

Journal.prototype.append = async function (...record) {
  // One process runs several tests at once, and each has a journal of its own.
  const turn = gates.get((this as unknown as { folder: string }).folder)
  await turn?.().catch((error: Error) => {
    throw new Refusal('full', 'journal_unwritable', 'Gated; nothing was spent', { cause: error.message })
  })
  return append.apply(this, record)
}

/** Before the journal of this Zimmer writes it waits for `turn`, and doesn't write when that rejects. */
export function gateJournal({ app }: TestZimmer, turn: Turn | null) {
  if (turn) gates.set(app.config.dataDir, turn)
  else gates.delete(app.config.dataDir)
}
