import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '../lib/refusal.ts'

/** Per segment; two segments take turns. */
const SEGMENT_BYTES = 8 * 1_048_576
/** length u32, CRC-32 u32 of what follows, sequence f64 */
const HEADER_BYTES = 16

export interface JournalRecord {
  /** 1, 2, 3, … without a gap. */
  seq: number
  payload: string
}

interface Segment {
  fd: number
  /** Where the next record goes. */
  position: number
  /** The last record in it; 0 when empty. */
  lastSeq: number
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
  #current: 0 | 1
  #released = 0
  #failed = false

  private constructor(segments: [Segment, Segment], current: 0 | 1) {
    this.#segments = segments
    this.#current = current
  }

  /** Makes the files where they are missing, and reads what they hold, oldest first. */
  static open(folder: string): { journal: Journal; records: JournalRecord[] } {
    const records: JournalRecord[] = []
    const segments = [0, 1].map((index) => {
      const file = join(folder, `ledger-${index}.journal`)
      if (!existsSync(file)) makeSegment(file, folder)
      const found = readSegment(file)
      records.push(...found.records)
      const fd = openSync(file, constants.O_RDWR | constants.O_DSYNC)
      return { fd, position: found.end, lastSeq: found.records.at(-1)?.seq ?? 0 }
    }) as [Segment, Segment]
    records.sort((a, b) => a.seq - b.seq)
    return { journal: new Journal(segments, segments[0].lastSeq >= segments[1].lastSeq ? 0 : 1), records }
  }

  /** Whether files of a journal are there at all. */
  static exists(folder: string) {
    return existsSync(join(folder, 'ledger-0.journal'))
  }

  /**
   * Resolves when the record is on disk. One at a time: wait for it before the next.
   * @throws Refusal full when both files wait to be released, or the write fails.
   */
  async append(seq: number, payload: string) {
    const record = encode(seq, payload)
    const segment = this.#room(record.byteLength)
    try {
      await writeAll(segment.fd, record, segment.position)
    } catch (error) {
      this.#failed = true
      throw new Refusal('full', 'journal_unwritable', 'The ledger can not be written; nothing was spent', {
        retryAfterSeconds: 5,
        cause: (error as Error).message,
      })
    }
    this.#failed = false
    segment.position += record.byteLength
    segment.lastSeq = seq
  }

  /** Whether the last append failed. */
  get isFailing() {
    return this.#failed
  }

  /** Records up to `seq` are in their tables and durable there: their room may be used again. */
  release(seq: number) {
    this.#released = seq
  }

  close() {
    for (const { fd } of this.#segments) closeSync(fd)
  }

  #room(bytes: number): Segment {
    const segment = this.#segments[this.#current]
    if (segment.position + bytes <= SEGMENT_BYTES) return segment
    const other = this.#current === 0 ? 1 : 0
    const next = this.#segments[other]
    if (next.lastSeq > this.#released || bytes > SEGMENT_BYTES) {
      throw new Refusal('full', 'journal_full', 'The ledger is behind; try again', { retryAfterSeconds: 1 })
    }
    this.#current = other
    next.position = 0
    return next
  }
}

function makeSegment(file: string, folder: string) {
  const fd = openSync(file, 'wx', 0o600)
  const zeros = Buffer.alloc(1_048_576)
  for (let position = 0; position < SEGMENT_BYTES; position += zeros.byteLength) {
    writeSync(fd, zeros, 0, zeros.byteLength, position)
  }
  fdatasyncSync(fd)
  closeSync(fd)
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
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

function readSegment(file: string) {
  const bytes = readFileSync(file)
  const records: JournalRecord[] = []
  let end = 0
  for (;;) {
    if (end + HEADER_BYTES > bytes.byteLength) break
    const length = bytes.readUInt32LE(end)
    const next = end + HEADER_BYTES + length
    if (length === 0 || next > bytes.byteLength) break
    if (Number(Bun.hash.crc32(bytes.subarray(end + 8, next))) !== bytes.readUInt32LE(end + 4)) break
    const seq = bytes.readDoubleLE(end + 8)
    const before = records.at(-1)
    if (before && seq !== before.seq + 1) break
    records.push({ seq, payload: bytes.toString('utf8', end + HEADER_BYTES, next) })
    end = next
  }
  return { records, end }
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
