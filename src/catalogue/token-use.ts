import { MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import type { Tx } from '../storage/storage.ts'

type Write = (work: (tx: Tx) => Promise<void>) => Promise<void>

/**
 * Remembers when service tokens were last used, at most once a minute each, and writes it a second later, many at
 * once: no request waits for it.
 */
export class TokenUse {
  /** When each was last noted; no longer than a minute. */
  readonly #noted = new Map<number, number>()
  #pending = new Set<number>()
  #timer: Timer | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(
    private readonly write: Write,
    private readonly failed: (error: unknown) => void,
  ) {}

  note(tokenId: number, now: number) {
    const last = this.#noted.get(tokenId)
    if (last !== undefined && now - last < MINUTE_MS) return
    this.#noted.set(tokenId, now)
    this.#pending.add(tokenId)
    this.#timer ??= setTimeout(() => this.#start(), SECOND_MS)
  }

  /** Writes what is still to be written. */
  async close() {
    if (this.#timer) this.#start()
    await this.#flushing
  }

  #start() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing = this.#flushing.then(() => this.#flush())
  }

  async #flush() {
    const ids = [...this.#pending]
    this.#pending = new Set()
    try {
      await this.write(async (tx) => {
        for (const [id, at] of this.#noted) if (tx.now - at >= MINUTE_MS) this.#noted.delete(id)
        await tx.updateTable('service_tokens').set({ last_used_at: tx.now }).where('id', 'in', ids).execute()
      })
    } catch (error) {
      this.failed(error)
    }
  }
}
