import { fdatasyncSync, openSync } from 'node:fs'
import type { JournalRecord } from '../storage/journal.ts'
import { connect, type Database, logPages } from '../storage/sqlite.ts'
import { CHECKPOINT_FROM_PAGES, fold } from './fold.ts'

// The thread that brings the journal into the tables and checkpoints, so that neither its SQL nor its syncs hold
// up a request.

export interface FoldRequest {
  /** That its reply has as well. */
  id: number
  file: string
  records: JournalRecord[]
}

/** `folded` is in the tables, `durable` is on disk there. */
export type FoldReply = { id: number } & (
  | { folded: number; durable: number }
  | { error: string; code: string }
)

/** Of the journal's two segments of 16 MiB this much may wait for a sync. */
const SYNC_FROM_BYTES = 6 * 1_048_576

declare const self: Worker

let database: Database | undefined
let log = -1
let durable = 0
let unsyncedBytes = 0

/** The first commit after it begins the log anew, and syncs, which must not happen on the event loop. */
function checkpoint(database: Database) {
  database.query('pragma wal_checkpoint(passive)').get()
  database.transaction(() => {
    // There and back: SQLite writes no page that stays as it is.
    database.run(`update facts set value = value || ' ' where name = 'ledger_folded'`)
    database.run(`update facts set value = trim(value) where name = 'ledger_folded'`)
  })()
}

self.onmessage = ({ data }: MessageEvent<FoldRequest>) => {
  const { id } = data
  let reply: FoldReply
  try {
    database ??= connect(data.file)
    const folded = fold(database, data.records)
    if (log < 0) log = openSync(`${data.file}-wal`, 'r')
    for (const { payload } of data.records) unsyncedBytes += payload.length
    // The journal keeps its records until they are on disk here; a sync now and then is enough for that.
    if (unsyncedBytes > SYNC_FROM_BYTES) {
      fdatasyncSync(log)
      unsyncedBytes = 0
      durable = folded
    }
    if (logPages(database) > CHECKPOINT_FROM_PAGES) checkpoint(database)
    reply = { id, folded, durable }
  } catch (error) {
    reply = { id, error: (error as Error).message, code: String((error as { code?: unknown }).code ?? '') }
  }
  self.postMessage(reply)
}
