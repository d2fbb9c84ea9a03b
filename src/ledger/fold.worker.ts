import { fdatasyncSync, openSync, statSync } from 'node:fs'
import type { JournalRecord } from '../storage/journal.ts'
import { connect, type Database } from '../storage/sqlite.ts'
import { CHECKPOINT_FROM_BYTES, fold } from './fold.ts'

// The thread that brings the journal into the tables and checkpoints, so that neither its SQL nor its syncs hold
// up a request.

export interface FoldRequest {
  file: string
  records: JournalRecord[]
}

/** `folded` is in the tables, `durable` is on disk there. */
export type FoldReply = { folded: number; durable: number } | { error: string; code: string }

/** Of the journal's two segments of 16 MiB this much may wait for a sync. */
const SYNC_FROM_BYTES = 6 * 1_048_576

declare const self: Worker

let database: Database | undefined
let log = -1
let durable = 0
let unsyncedBytes = 0

self.onmessage = ({ data }: MessageEvent<FoldRequest>) => {
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
    if (statSync(`${data.file}-wal`).size > CHECKPOINT_FROM_BYTES) {
      database.query('pragma wal_checkpoint(passive)').get()
    }
    reply = { folded, durable }
  } catch (error) {
    reply = { error: (error as Error).message, code: String((error as { code?: unknown }).code ?? '') }
  }
  self.postMessage(reply)
}
