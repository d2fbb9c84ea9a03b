import { randomUUID } from 'node:crypto'
import { sleep } from '../lib/time.ts'
import type { TagVersions } from './versions.ts'

const BEAT_MS = 100
/** A beat that was sent longer ago proves nothing any more. */
const DEAF_MS = 250
/** Another node that is silent for so long has died, perhaps without telling of its last consumes. */
const DEAD_MS = 1_000
/** PostgreSQL takes payloads of 8,000 bytes; a slot has at most four characters and a comma. */
const SLOTS_MOST = 1_500

const START_MS = 1_000

const CHANNEL = 'zimmer_caches'
/** Instead of slots that would be too many. */
const ALL = '*'

/** What carries messages between nodes, in order; it may lose some while it is not connected. */
export interface Line {
  listen(channel: string, message: (payload: string) => void, listening: () => void): Promise<void>
  /** Need not be durable. */
  notify(channel: string, payload: string): Promise<void>
}

interface Other {
  beat: number
  heardAt: number
}

/** What a transaction that touches these tags announces as it commits. */
export function announcement(tags: Iterable<string>, versions: TagVersions) {
  return { channel: CHANNEL, payload: `t ${encode(new Set([...tags].map((tag) => versions.slot(tag))))}` }
}

/**
 * Tells the caches of several nodes what has changed. Transactions announce their tags as part of themselves;
 * consumes, which are many, are told of with the next beat. Each node hears its own beats: one that has heard
 * none sent within the last 250 ms trusts no cached value, and starts from empty when it hears again.
 */
export class CacheBus {
  readonly #node = randomUUID().slice(0, 8)
  readonly #others = new Map<string, Other>()
  readonly #sentAt = new Map<number, number>()
  #spent = new Set<number>()
  #beat = 0
  #provenAt = Number.NEGATIVE_INFINITY
  #sending: Promise<void> = Promise.resolve()
  #timer: Timer | undefined

  constructor(
    private readonly line: Line,
    private readonly versions: TagVersions,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Whether all that was committed elsewhere until 250 ms ago has been heard of. */
  isTrusted = () => performance.now() - this.#provenAt < DEAF_MS

  /** Resolves when the first beat was heard; within a second whether or not. */
  async start() {
    await this.line.listen(
      CHANNEL,
      (payload) => this.#hear(payload),
      () => this.#startOver(),
    )
    this.#timer = setInterval(() => this.#tick(), BEAT_MS)
    await this.#send('b')
    const deadline = performance.now() + START_MS
    while (!this.isTrusted() && performance.now() < deadline) await sleep(1)
  }

  /** Balances changed: told with the next beat. */
  spent(slots: Iterable<number>) {
    for (const slot of slots) this.#spent.add(slot)
  }

  /** Tells the others what they don't know yet, and that the silence to come is meant. */
  async stop() {
    if (!this.#timer) return
    clearInterval(this.#timer)
    await this.#send('b')
    await this.#send('x')
  }

  /** Whatever was said before is lost. */
  #startOver() {
    this.#provenAt = Number.NEGATIVE_INFINITY
    this.#sentAt.clear()
    this.#others.clear()
    this.versions.bumpAll()
  }

  #tick() {
    void this.#send('b')
    const deadline = performance.now() - DEAD_MS
    for (const [node, { heardAt }] of this.#others) {
      if (heardAt >= deadline) continue
      this.#others.delete(node)
      this.versions.bumpAll()
    }
  }

  /** One at a time: a beat that hangs holds the next one back, and trust ends. */
  #send(kind: 'b' | 'x') {
    this.#sending = this.#sending.then(async () => {
      const beat = ++this.#beat
      const spent = this.#spent
      this.#spent = new Set()
      this.#sentAt.set(beat, performance.now())
      try {
        await this.line.notify(CHANNEL, `${kind} ${this.#node} ${beat} ${encode(spent)}`)
      } catch (error) {
        // The others notice the missing number and start over.
        this.failed(error)
      }
      this.#sentAt.delete(beat - 2 * (DEAF_MS / BEAT_MS))
    })
    return this.#sending
  }

  #hear(payload: string) {
    const [kind, ...words] = payload.split(' ')
    if (kind === 't') return this.#changed(words[0])
    const [node, number, slots] = words
    const beat = Number(number)
    if (node === this.#node) {
      this.#provenAt = this.#sentAt.get(beat) ?? this.#provenAt
      return
    }
    const known = this.#others.get(node as string)
    if (known && beat !== known.beat + 1) this.versions.bumpAll()
    else this.#changed(slots)
    if (kind === 'x') this.#others.delete(node as string)
    else this.#others.set(node as string, { beat, heardAt: performance.now() })
  }

  #changed(slots: string | undefined) {
    if (slots === ALL) this.versions.bumpAll()
    else if (slots) this.versions.bumpSlots(slots.split(',').map((slot) => Number.parseInt(slot, 36)))
  }
}

function encode(slots: ReadonlySet<number>) {
  return slots.size > SLOTS_MOST ? ALL : [...slots].map((slot) => slot.toString(36)).join(',')
}
