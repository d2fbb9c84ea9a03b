import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { MINUTE_MS } from '../lib/time.ts'
import type { JournalRecord } from '../storage/journal.ts'
import { asRefusal, connect, logPages, type SqliteStorage } from '../storage/sqlite.ts'
import type { Entry, Host } from './entry.ts'
import { CHECKPOINT_FROM_PAGES, fold } from './fold.ts'
import type { FoldReply, FoldRequest } from './fold.worker.ts'

/** How long a record may wait for its tables when nobody reads. */
const FOLD_AFTER_MS = 250
/** As many consumes as one fold takes at the most: the writer's lock is held that long. */
const FOLD_AT_MOST = 8_192
const RETRY_MS = 500

type Folded = (folded: { folded: number; durable: number }, entries: readonly Entry[]) => void

/** Brings the journal's records into the tables, on a thread that is started at the first of them. */
export class Folder {
  #waiting: { record: JournalRecord; entries: readonly Entry[]; sinceMs: number }[] = []
  #entriesWaiting = 0
  #running: Promise<void> | null = null
  #timer: Timer | null = null
  #worker: Worker | null = null
  /** Of the last request to the thread, and whether its answer is still to come. */
  #requestId = 0
  #isAsked = false
  #answered: (answer: FoldReply | Error) => void = () => {}
  #failure: unknown = null
  #failedUntil = 0
  #commits = 0

  constructor(
    private readonly host: Host,
    private readonly storage: SqliteStorage,
    private readonly folded: Folded,
  ) {}

  /** At a start: what a crash left in the journal, at once and on this thread. */
  recover(records: readonly JournalRecord[]) {
    if (records.length === 0) return
    const database = connect(this.storage.file)
    fold(database, records)
    database.close()
    // Also what an earlier process had folded and not yet synced: the journal is about to be written over.
    this.#sync()
  }

  add(record: JournalRecord, entries: readonly Entry[]) {
    this.#waiting.push({ record, entries, sinceMs: performance.now() })
    this.#entriesWaiting += entries.length
    this.#timer ??= setTimeout(() => void this.#foldSoon(), FOLD_AFTER_MS)
  }

  /** Age of the oldest record that waits. */
  get lagMs() {
    const [oldest] = this.#waiting
    return oldest ? performance.now() - oldest.sinceMs : 0
  }

  /** Resolves when everything added so far is in the tables. */
  async settle() {
    const last = this.#waiting.at(-1)
    while (last && this.#waiting.includes(last)) await this.#run()
    await this.#running
  }

  /** Without consumes nobody else does: the write-ahead log of all other writes goes into the database file. */
  async checkpoint() {
    try {
      await this.storage.lock.run(async () => {
        if (logPages(this.storage.reader) > CHECKPOINT_FROM_PAGES) await this.#ask([])
      })
    } catch (error) {
      this.host.log.error({ err: error }, 'the write-ahead log could not be checkpointed')
    }
  }

  /** What was folded is on disk when it returns. */
  close() {
    if (this.#timer) clearTimeout(this.#timer)
    this.#worker?.terminate()
    this.#sync()
  }

  #sync() {
    const log = openSync(`${this.storage.file}-wal`, 'r')
    fdatasyncSync(log)
    closeSync(log)
  }

  async #foldSoon() {
    this.#timer = null
    try {
      do await this.#run()
      while (this.#entriesWaiting >= FOLD_AT_MOST)
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => void this.#foldSoon(), FOLD_AFTER_MS)
    } catch (error) {
      // The journal keeps them: nothing is lost while the tables can't be written.
      this.host.log.error({ err: error }, 'consumes could not be brought into their tables; trying again')
      this.#timer ??= setTimeout(() => void this.#foldSoon(), RETRY_MS)
    }
  }

  /** Not again at once when it has just failed and nothing was written since: those who wait for it are told the same, without another try. */
  #run(): Promise<void> {
    const isHopeless = performance.now() < this.#failedUntil && this.storage.commits() === this.#commits
    if (isHopeless) return Promise.reject(this.#failure)
    this.#running ??= this.storage.lock
      .run(() => this.#foldSome())
      .then(() => this.#succeeded())
      .catch((error) => this.#failed(error))
      .finally(() => {
        this.#running = null
      })
    return this.#running
  }

  #failed(error: unknown) {
    this.#failure = error
    this.#failedUntil = performance.now() + RETRY_MS
    this.#commits = this.storage.commits()
    throw error
  }

  /** Meanwhile reads went on with what was in the tables, and caches kept what they saw. */
  #succeeded() {
    if (this.#failure) this.host.caches.versions.bumpAll()
    this.#failure = null
    this.#failedUntil = 0
  }

  async #foldSome() {
    let size = 0
    let count = 0
    while (count < this.#waiting.length && size < FOLD_AT_MOST)
      size += this.#waiting[count++]?.entries.length ?? 0
    const some = this.#waiting.slice(0, count)
    if (some.length === 0) return
    const startedAt = performance.now()
    const folded = await this.#ask(some.map(({ record }) => record))
    this.host.metrics.ledger.folds.add(performance.now() - startedAt)
    this.#waiting.splice(0, count)
    this.#entriesWaiting -= size
    this.folded(
      folded,
      some.flatMap(({ entries }) => entries),
    )
  }

  /** One request at a time: a thread that did not answer in time is asked nothing else before it does. */
  async #ask(records: JournalRecord[]): Promise<{ folded: number; durable: number }> {
    if (this.#isAsked) throw new Error('the fold thread does not answer')
    const worker = this.#worker ?? this.#startWorker()
    const id = ++this.#requestId
    this.#isAsked = true
    const { promise, resolve, reject } = Promise.withResolvers<{ folded: number; durable: number }>()
    const timer = setTimeout(() => reject(new Error('the fold thread does not answer')), MINUTE_MS)
    this.#answered = (answer) => {
      if (!(answer instanceof Error) && answer.id !== id) return
      this.#isAsked = false
      clearTimeout(timer)
      if (answer instanceof Error) reject(answer)
      else if ('error' in answer)
        reject(asRefusal(Object.assign(new Error(answer.error), { code: answer.code })))
      else resolve(answer)
    }
    worker.postMessage({ id, file: this.storage.file, records } satisfies FoldRequest)
    return promise
  }

  #startWorker() {
    const worker = newWorker()
    worker.onmessage = ({ data }: MessageEvent<FoldReply>) => this.#answered(data)
    worker.onerror = ({ message }) => {
      this.#worker = null
      this.#answered(new Error(`the fold thread failed: ${message}`))
    }
    this.#worker = worker
    return worker
  }
}

function newWorker() {
  const inExecutable = Bun.isStandaloneExecutable
  const worker = new Worker(
    inExecutable ? './ledger/fold.worker.ts' : new URL('./fold.worker.ts', import.meta.url),
  )
  worker.unref()
  return worker
}
