import { fdatasyncSync, openSync, statSync } from 'node:fs'
import type { JournalRecord } from '../storage/journal.ts'
import { connect, type Database } from '../storage/sqlite.ts'
import { fold } from './fold.ts'

// The thread that brings the journal into the tables and checkpoints, so that neither its SQL nor its syncs hold
// up a request.

export interface FoldRequest {
  file: string
  records: JournalRecord[]
}

export type FoldReply = { folded: number } | { error: string }

/** A log longer than this is brought into the database file. */
const CHECKPOINT_FROM_BYTES = 32 * 1_048_576

declare const self: Worker

let database: Database | undefined
let log = -1

self.onmessage = ({ data }: MessageEvent<FoldRequest>) => {
  let reply: FoldReply
  try {
    database ??= connect(data.file)
    const folded = fold(database, data.records)
    if (log < 0) log = openSync(`${data.file}-wal`, 'r')
    // The journal lets go of these records: they have to be on disk here first.
    fdatasyncSync(log)
    if (statSync(`${data.file}-wal`).size > CHECKPOINT_FROM_BYTES) {
      database.query('pragma wal_checkpoint(passive)').get()
    }
    reply = { folded }
  } catch (error) {
    reply = { error: (error as Error).message }
  }
  self.postMessage(reply)
}
