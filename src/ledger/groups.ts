import type { Journal } from '../storage/journal.ts'
import type { Entry } from './entry.ts'

/** The last group had fewer: don't wait for company. */
const GROUP_FEW = 4
const GROUP_MOST = 256
/** A group that has as many bytes takes nobody in any more; the next ones queue behind it. */
const GROUP_BYTES = 1_048_576
/** As long as a group waits for company. */
const GATHER_MS = 1

/** Consumes that become durable together. */
export interface Group {
  readonly seq: number
  readonly entries: Entry[]
  /** Tags of what shows these balances, by slot. */
  readonly changed: number[]
  bytes: number
  /** Rejects with the reason when the journal did not take it. */
  readonly durable: Promise<void>
  readonly settle: { resolve(): void; reject(error: unknown): void }
}

interface Hooks {
  /** It is on disk; nobody has been told yet. */
  written(group: Group, payload: string, ms: number): void
  /** It is not, and neither is what was decided on top of it. */
  lost(groups: readonly Group[], error: unknown): void
}

/** Group commit: gathers the consumes of a moment and appends them to the journal as one record, one at a time. */
export class Groups {
  #open: Group
  /** Full, oldest first. */
  readonly #full: Group[] = []
  #bytes = 0
  #writing: Promise<void> | null = null
  #lastSize = 0
  /** Enough for one write: half of those who wait at a time, so that one half is written while the other comes. */
  #enough = GROUP_FEW

  constructor(
    private readonly journal: Journal,
    seq: number,
    private readonly hooks: Hooks,
  ) {
    this.#open = newGroup(seq)
  }

  /** Bytes, at the most, of what is not written yet. */
  get bytes() {
    return this.#bytes
  }

  /** @param bytes that the entry has as JSON, at the most. */
  add(entry: Entry, changed: number, bytes: number): Group {
    const group = this.#open
    group.entries.push(entry)
    group.changed.push(changed)
    group.bytes += bytes
    this.#bytes += bytes
    if (group.bytes >= GROUP_BYTES) {
      this.#full.push(group)
      this.#open = newGroup(group.seq + 1)
      this.#flush()
    } else if (group.entries.length === 1) this.#gather()
    else if (group.entries.length >= this.#enough) this.#flush()
    return group
  }

  /** Resolves when all that was added so far is on disk or was refused. */
  async settled() {
    const last = this.#open.entries.length > 0 ? this.#open : this.#full.at(-1)
    this.#flush()
    if (last) await last.durable.catch(() => {})
    else await this.#writing
  }

  /** A lone consume goes to disk at once; where many come, a moment's wait makes one write of them. */
  #gather() {
    if (this.#writing !== null) return
    if (this.#lastSize < GROUP_FEW) setImmediate(() => this.#flush())
    else setTimeout(() => this.#flush(), GATHER_MS)
  }

  #flush() {
    if (this.#writing !== null) return
    const group = this.#full.shift() ?? this.#open
    const size = group.entries.length
    if (size === 0) return
    if (group === this.#open) this.#open = newGroup(group.seq + 1)
    const half = Math.ceil((size + this.#lastSize) / 2)
    this.#enough = Math.min(Math.max(half, GROUP_FEW), GROUP_MOST)
    this.#lastSize = size
    this.#writing = this.#write(group).finally(() => {
      this.#writing = null
      const waiting = this.#open.entries.length
      // Written while the answers of this one go out, though there could be more.
      if (this.#full.length > 0 || waiting >= this.#enough / 2) this.#flush()
      else if (waiting > 0) this.#gather()
    })
  }

  async #write(group: Group) {
    const payload = JSON.stringify(group.entries)
    const startedAt = performance.now()
    try {
      await this.journal.append(group.seq, payload)
    } catch (error) {
      this.#lose(group, error)
      return
    }
    this.#bytes -= group.bytes
    this.hooks.written(group, payload, performance.now() - startedAt)
    group.settle.resolve()
  }

  #lose(failed: Group, error: unknown) {
    const lost = [failed, ...this.#full.splice(0), this.#open]
    this.#open = newGroup(failed.seq)
    this.#bytes = 0
    this.hooks.lost(lost, error)
    for (const { settle } of lost) settle.reject(error)
  }
}

function newGroup(seq: number): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // A refused consume may be all that waited for it.
  promise.catch(() => {})
  return { seq, entries: [], changed: [], bytes: 0, durable: promise, settle: { resolve, reject } }
}
