import type { StorageLoad } from '../metrics/storage-load.ts'
import { CROWD, Turns } from './turns.ts'

/** As long as nobody waits longer in front of the event loop, nothing is refused; fewer than a crowd may wait longer. */
const LINE_MS = { few: 200, crowd: 15 }
const DATABASE_MS = 200
const EVERY_MS = 20
/** How fast the share of refused requests follows what is measured. */
const GAIN = 0.03
const SHARE_MOST = 0.98
/** What takes no turn costs hardly more than its refusal: none of it is refused below this share. */
const QUICK_FROM = 0.8
/** A pause is no overload: so many looks in a row must find that too much has come. */
const LOOKS = 5
/** A look that comes late, for the loop is busy, counts for those that it stands for: as many at the most. */
const LATE_MOST = 5
/** Fewer requests between two looks are not what holds this machine up. */
const REQUESTS_FROM = 8
/** More than this under way at once is refused whatever is measured. */
const IN_FLIGHT_MOST = 2_048
/** Refusals between two looks that are told at once. */
const AT_ONCE_MOST = 100
/** Late enough to hold back a client that asks again at once, early enough for one that does as it is told. */
const REFUSED_AFTER_MS = 30
/** Past this a refusal doesn't wait: each keeps a connection, of which a proxy in front of us may have a thousand. */
const PARKED_MOST = 512

interface Clock {
  onTick(listener: () => void): () => void
}

interface Line {
  start(): Promise<void>
  stop(): void
  /** With each look, before it. */
  send(): void
  waitMs(): number
}

/**
 * Refuses what would wait too long for its turn, and a share of all requests while those that arrive wait too long in
 * front of the event loop or for the database; of consumes, which need no turn, only when most others are refused. The
 * share follows the wait that is measured, so it settles where what is admitted is what this machine can do. A refusal
 * costs a fifth of an answer, but clients that ask again at once would soon have all of that: when there are many they
 * are held back for 30 ms, in which those clients wait and the server works.
 */
export class Admission {
  /** Requests that were admitted and are not answered yet. */
  inFlight = 0
  readonly turns = new Turns()
  /** Of the requests that come now. */
  #refusedShare = 0
  readonly #owed = { slow: 0, quick: 0 }
  #seen = 0
  #told = 0
  #looks = 0
  #lookedAt = Number.POSITIVE_INFINITY
  #refused = 0
  #isRefusing = false
  #endTicks = () => {}
  #parked: (() => void)[] = []
  #parking: (() => void)[] = []
  #releaseAt = 0

  constructor(
    private readonly clock: Clock,
    private readonly line: Line,
    private readonly storage: StorageLoad,
    private readonly log: { warn(fields: object, message: string): void },
  ) {}

  get isOverfull() {
    return this.inFlight > IN_FLIGHT_MOST
  }

  async start() {
    await this.line.start()
    this.#endTicks = this.clock.onTick(() => {
      this.line.send()
      this.look()
    })
  }

  stop() {
    this.#endTicks()
    this.line.stop()
    this.#refusedShare = 0
  }

  /**
   * Whether this request is answered. Of ten with a share of 0.3 three are not, evenly.
   * @param takesTurn it would wait for one; what would not is refused last.
   */
  admits(takesTurn = true): boolean {
    this.#seen++
    if (this.inFlight < IN_FLIGHT_MOST && !(takesTurn && this.turns.isFull)) {
      if (this.#refusedShare === 0) return true
      const kind = takesTurn ? 'slow' : 'quick'
      const share = takesTurn ? this.#refusedShare : (this.#refusedShare - QUICK_FROM) / (1 - QUICK_FROM)
      this.#owed[kind] += Math.max(share, 0)
      if (this.#owed[kind] < 1) return true
      this.#owed[kind]--
    }
    this.#refused++
    return false
  }

  /** Resolves when a refusal may be told; undefined when that is now. */
  holdBack(): Promise<void> | undefined {
    if (this.#told++ < AT_ONCE_MOST) return undefined
    if (this.#parked.length + this.#parking.length >= PARKED_MOST) return undefined
    return new Promise((resolve) => this.#parking.push(resolve))
  }

  /** Fifty times a second, when the loop has the time. */
  look(now = performance.now()) {
    const { storage, line } = this
    const since = Math.max((now - this.#lookedAt) / EVERY_MS, 1)
    const looks = Math.min(since, LATE_MOST)
    this.#lookedAt = now
    // Who waits in front of the loop: as many as come in the time that one waits there (Little's law).
    const unseen = (this.#seen / since / EVERY_MS) * line.waitMs()
    const lineMs = Math.max(this.inFlight, unseen) < CROWD ? LINE_MS.few : LINE_MS.crowd
    const wait = Math.max(line.waitMs() / lineMs, storage.waitMs() / DATABASE_MS)
    this.#looks = wait > 1 && this.#seen >= REQUESTS_FROM ? this.#looks + Math.min(looks, LOOKS / 2) : 0
    this.#seen = 0
    this.#told = 0
    const step = GAIN * looks * Math.min(Math.max(wait - 1, -1), 4)
    if (step < 0 || this.#looks >= LOOKS || this.#refusedShare > 0) {
      this.#refusedShare = Math.min(Math.max(this.#refusedShare + step, 0), SHARE_MOST)
    }
    this.#tell(line.waitMs())
    this.#release(now)
  }

  /** A line when it begins, a line when it is over. */
  #tell(waitMs: number) {
    const isRefusing = this.#refusedShare > 0
    if (isRefusing === this.#isRefusing) return
    this.#isRefusing = isRefusing
    if (isRefusing) {
      const { inFlight } = this
      this.log.warn(
        { waitMs: Math.round(waitMs), inFlight },
        'overloaded: a share of the requests is refused',
      )
    } else this.log.warn({ refused: this.#refused }, 'no longer overloaded')
    this.#refused = 0
  }

  /** Two lots, one filling while the other waits: each refusal waits between one and two halves of its time. */
  #release(now: number) {
    if (now < this.#releaseAt) return
    this.#releaseAt = now + REFUSED_AFTER_MS / 2
    for (const resolve of this.#parked) resolve()
    this.#parked = this.#parking
    this.#parking = []
  }
}
