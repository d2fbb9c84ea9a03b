import type { Socket } from 'bun'

const EVERY_MS = 20
const BYTE = new Uint8Array(1)

/**
 * How long what arrives at this process waits before it is looked at. A byte is sent to ourselves through the
 * loopback every 20 ms; it waits in the same line as every request, also where the event loop itself looks idle
 * between two batches of them.
 */
export class QueueProbe {
  #sender: Socket | undefined
  #receiver: Socket | undefined
  #timer: Timer | undefined
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
    this.#timer = setInterval(() => this.#send(), EVERY_MS)
    this.#timer.unref()
  }

  stop() {
    clearInterval(this.#timer)
    this.#sender?.end()
    this.#receiver?.end()
    this.#sentAt = null
    this.#lastMs = 0
  }

  /** Milliseconds that the last byte waited, or that the present one has waited already. */
  waitMs() {
    return this.#sentAt === null ? this.#lastMs : Math.max(this.#lastMs, performance.now() - this.#sentAt)
  }

  #send() {
    if (this.#sentAt !== null) return
    this.#sentAt = performance.now()
    this.#sender?.write(BYTE)
  }

  #arrived() {
    if (this.#sentAt === null) return
    this.#lastMs = performance.now() - this.#sentAt
    this.#sentAt = null
  }
}
