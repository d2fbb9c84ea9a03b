import type { Socket } from 'bun'

const EVERY_MS = 20
const BYTE = new Uint8Array(1)

/**
 * How long what arrives at this process waits before it is looked at. A byte is sent to ourselves through the loopback
 * every 20 ms, by whoever has the timer; it waits in the same line as every request, also where the event loop itself
 * looks idle between two batches of them. It counts from when it was due: in a loop that is kept busy by one long batch
 * after the other the byte is sent late, and may then be the first to be read.
 */
export class QueueProbe {
  #sender: Socket | undefined
  #receiver: Socket | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #sentAt: number | null = null
  #lastMs = 0

  async start() {
    const arrived = () => this.#arrived()
    const listener = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: (socket) => {
          this.#receiver = socket
          socket.unref()
          // Nobody else is to come.
          listener.stop()
        },
        data: arrived,
      },
    })
    listener.unref()
    this.#sender = await Bun.connect({ hostname: '127.0.0.1', port: listener.port, socket: { data() {} } })
    this.#sender.unref()
    this.#sender.setNoDelay(true)
    this.#dueAt = performance.now() + EVERY_MS
  }

  stop() {
    this.#sender?.end()
    this.#receiver?.end()
    this.#sentAt = null
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#lastMs = 0
  }

  /** Milliseconds that the last byte waited, or that the present one has waited already, sent or due. */
  waitMs() {
    return Math.max(this.#lastMs, performance.now() - (this.#sentAt ?? this.#dueAt))
  }

  /** Every 20 ms. */
  send() {
    const now = performance.now()
    const dueAt = Math.min(this.#dueAt, now)
    this.#dueAt = now + EVERY_MS
    if (this.#sentAt !== null) return
    this.#sentAt = dueAt
    this.#sender?.write(BYTE)
  }

  #arrived() {
    if (this.#sentAt === null) return
    this.#lastMs = performance.now() - this.#sentAt
    this.#sentAt = null
  }
}
