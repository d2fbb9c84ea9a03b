import { closeSync, constants, existsSync, openSync, readSync, write, writeSync } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../lib/refusal.ts'

/** Per segment; two segments take turns. */
const SEGMENT_BYTES = 16 * 1_048_576
/** As much may wait to be written or released: so much less than a segment that the other one is free when this one is full. */
const ROOM_BYTES = 13 * 1_048_576
/** length u32, CRC-32 u32 of what follows, sequence f64 */
const HEADER_BYTES = 16

export interface JournalRecord {
  /** 1, 2, 3, … without a gap. */
  seq: number
  payload: string
}

interface Segment {
  file: string
  /** -1 until it is open. */
  fd: number
  opening: Promise<void> | undefined
  /** Where the next record goes. */
  position: number
}

/**
 * An append-only log of records on disk, for work that is decided in memory and brought into the tables later.
 *
 * Two files of fixed size, filled with zeros when they are made and written over ever after, so that a sync moves
 * data and no metadata and an append can't run out of disk. They are opened with O_DSYNC: one asynchronous write is
 * durable when it ends, and no fsync blocks the event loop. A record is valid when its CRC is right and its number
 * follows the one before; what an earlier round left behind has an older number. A torn last record was never
 * acknowledged.
 */
export class Journal {
  readonly #segments: [Segment, Segment]
  #current: 0 | 1 = 0
  /** What is not released yet, oldest first. */
  readonly #held: { seq: number; bytes: number }[] = []
  #heldBytes = 0
  /** Where a write failed, and what is there is not known. */
  #doubtful: Segment | undefined
  #mending: Promise<void> | undefined

  private constructor(private readonly folder: string) {
    this.#segments = [0, 1].map((index) => ({
      file: fileOf(folder, index),
      fd: -1,
      position: 0,
      opening: undefined,
    })) as [Segment, Segment]
  }

  /**
   * Reads what the files hold, oldest first. Bring it into the tables, durably, before the first append: that starts
   * at the beginning again.
   */
  static open(folder: string): { journal: Journal; records: JournalRecord[] } {
    const records = [0, 1].flatMap((index) => readSegment(fileOf(folder, index)))
    return { journal: new Journal(folder), records: records.sort((a, b) => a.seq - b.seq) }
  }

  /** Whether records of so many bytes will find room, also when nothing is released until they are written. */
  hasRoomFor(bytes: number) {
    return this.#heldBytes + bytes <= ROOM_BYTES
  }

  /**
   * Resolves when the record is on disk. One at a time: wait for it before the next.
   * @throws Refusal full when the write fails.
   */
  async append(seq: number, payload: string) {
    const record = encode(seq, payload)
    await this.mend()
    const segment = await this.#room(record.byteLength).catch(refuse)
    try {
      await writeAll(segment.fd, record, segment.position)
    } catch (error) {
      this.#doubtful = segment
      await this.mend().catch(() => {})
      throw unwritable(error)
    }
    segment.position += record.byteLength
    if (segment.position > SEGMENT_BYTES / 2) this.#prepareOther()
    this.#held.push({ seq, bytes: record.byteLength })
    this.#heldBytes += record.byteLength
  }

  /**
   * A write that failed may have reached the disk, whole: its record is made void, so that no start finds what was
   * refused. Nothing to do is the usual case.
   * @throws Refusal full when that can't be written either.
   */
  async mend() {
    if (!this.#doubtful) return
    // Once for all who ask: a second one, still on its way, would make the next record void.
    this.#mending ??= this.#void(this.#doubtful).finally(() => {
      this.#mending = undefined
    })
    await this.#mending
  }

  async #void(segment: Segment) {
    await writeAll(segment.fd, Buffer.alloc(HEADER_BYTES), segment.position).catch(refuse)
    this.#doubtful = undefined
  }

  /** Records up to `seq` are in their tables and durable there: their room may be used again. */
  release(seq: number) {
    while (this.#held[0] && this.#held[0].seq <= seq) this.#heldBytes -= this.#held.shift()?.bytes ?? 0
  }

  /** Closes the files; empties them when all that they hold is in the tables, durably. */
  async close({ isFolded = false } = {}) {
    for (const { opening } of this.#segments) await opening?.catch(() => {})
    for (const { fd } of this.#segments) {
      if (fd < 0) continue
      if (isFolded) writeSync(fd, Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
      closeSync(fd)
    }
  }

  async #room(bytes: number): Promise<Segment> {
    let segment = this.#segments[this.#current]
    if (segment.position + bytes > SEGMENT_BYTES) {
      if (this.#heldBytes + bytes > SEGMENT_BYTES) {
        const message = 'The ledger is behind; nothing was spent'
        throw new Refusal('overloaded', 'ledger_behind', message, { retryAfterSeconds: 1 })
      }
      this.#current = this.#current === 0 ? 1 : 0
      segment = this.#segments[this.#current]
      segment.position = 0
    }
    if (segment.fd < 0) await this.#open(segment)
    return segment
  }

  /** Made while there is time: 16 MiB of zeros take a moment. Where that fails, the append that needs it says so. */
  #prepareOther() {
    const other = this.#segments[this.#current === 0 ? 1 : 0]
    if (other.fd < 0) void this.#open(other).catch(() => {})
  }

  #open(segment: Segment): Promise<void> {
    segment.opening ??= openSegment(segment.file, this.folder)
      .then((fd) => {
        segment.fd = fd
      })
      .finally(() => {
        segment.opening = undefined
      })
    return segment.opening
  }
}

const unwritable = (error: unknown) =>
  new Refusal('full', 'journal_unwritable', 'The ledger can not be written; nothing was spent', {
    retryAfterSeconds: 5,
    cause: (error as Error).message,
  })

function refuse(error: unknown): never {
  throw error instanceof Refusal ? error : unwritable(error)
}

const fileOf = (folder: string, index: number) => join(folder, `ledger-${index}.journal`)

async function openSegment(file: string, folder: string): Promise<number> {
  const size = await stat(file).then(
    ({ size: bytes }) => bytes,
    () => 0,
  )
  if (size !== SEGMENT_BYTES) await makeSegment(file, folder)
  return openSync(file, constants.O_RDWR | constants.O_DSYNC)
}

/** Whole or not at all: half a segment would keep room from those who need it, and could not be relied on. */
async function makeSegment(file: string, folder: string) {
  const handle = await open(file, 'w', 0o600)
  try {
    const zeros = Buffer.alloc(1_048_576)
    let position = 0
    while (position < SEGMENT_BYTES) {
      const length = Math.min(zeros.byteLength, SEGMENT_BYTES - position)
      position += (await handle.write(zeros, 0, length, position)).bytesWritten
    }
    await handle.datasync()
  } catch (error) {
    await unlink(file)
    throw error
  } finally {
    await handle.close()
  }
  const directory = await open(folder, 'r')
  await directory.sync()
  await directory.close()
}

function encode(seq: number, payload: string) {
  const length = Buffer.byteLength(payload)
  const record = Buffer.allocUnsafe(HEADER_BYTES + length)
  record.writeUInt32LE(length, 0)
  record.writeDoubleLE(seq, 8)
  record.write(payload, HEADER_BYTES)
  record.writeUInt32LE(Number(Bun.hash.crc32(record.subarray(8))), 4)
  return record
}

/** Header by header, so that what was never used, or was cleared, costs one small read. */
function readSegment(file: string): JournalRecord[] {
  if (!existsSync(file)) return []
  const fd = openSync(file, 'r')
  const records: JournalRecord[] = []
  const header = Buffer.alloc(HEADER_BYTES)
  let position = 0
  while (readSync(fd, header, 0, HEADER_BYTES, position) === HEADER_BYTES) {
    const length = header.readUInt32LE(0)
    if (length === 0 || length > SEGMENT_BYTES) break
    const record = Buffer.alloc(8 + length)
    if (readSync(fd, record, 0, record.byteLength, position + 8) !== record.byteLength) break
    if (Number(Bun.hash.crc32(record)) !== header.readUInt32LE(4)) break
    const seq = record.readDoubleLE(0)
    const before = records.at(-1)
    if (before && seq !== before.seq + 1) break
    records.push({ seq, payload: record.toString('utf8', 8) })
    position += HEADER_BYTES + length
  }
  closeSync(fd)
  return records
}

function writeAll(fd: number, record: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, record, 0, record.byteLength, position, (error, written) => {
      if (error) return reject(error)
      if (written === record.byteLength) return resolve()
      writeAll(fd, record.subarray(written), position + written).then(resolve, reject)
    })
  })
}
