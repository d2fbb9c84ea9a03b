/**
 * The load, as a process of its own: reads one `LoadOrder` as JSON from stdin, writes one `LoadResult` to stdout.
 *
 * Closed loop: every connection sends its next request when the last one is answered. Open loop (`perSecond`):
 * requests are due at fixed times whatever became of those before, and each one's time counts from when it was due,
 * so that a server that stands still is charged for everybody who had to wait.
 */

import { Histogram } from '../src/metrics/histogram.ts'
import { HttpConnection } from './client.ts'
import type { LoadOrder, LoadResult } from './load-order.ts'
import { Tally } from './load-tally.ts'
import { type Work, workOf } from './load-work.ts'

const RETRY_MS = 10
const RECONNECT_MS = 100
const LAST_ANSWERS_MS = 10_000

interface Loop {
  connection: HttpConnection | undefined
  /** Of the request under way; 0 when there is none. */
  sentAt: number
  dueAt: number
  name: number
}

class Load {
  readonly #work: Work
  readonly #tally: Tally
  readonly #late = new Histogram()
  readonly #idle: Loop[] = []
  readonly #due: number[] = []
  #dueFrom = 0
  #unsent = 0
  #accepted = 0
  #isOver = false
  #waiting = 0

  constructor(private readonly order: LoadOrder) {
    this.#work = workOf(order)
    this.#tally = new Tally(this.#work.names, order.perSecond !== undefined)
  }

  async run(): Promise<LoadResult> {
    const { connections, seconds, warmUpSeconds, perSecond } = this.order
    const beganAt = performance.now()
    const loops = await Promise.all(Array.from({ length: connections }, () => this.#open()))
    if (perSecond) this.#pace(perSecond)
    await Bun.sleep(warmUpSeconds * 1_000)
    this.#tally.begin()
    const startedAt = performance.now()
    const cpu = process.cpuUsage()
    await Bun.sleep(seconds * 1_000)
    const tookMs = performance.now() - startedAt
    const { user, system } = process.cpuUsage(cpu)
    this.#isOver = true
    const deadline = performance.now() + LAST_ANSWERS_MS
    // In an open loop whoever was due while it was measured is waited for, and counts.
    if (!perSecond) this.#tally.end()
    while (this.#waiting > 0 && performance.now() < deadline) await Bun.sleep(5)
    this.#tally.end()
    this.#unsent += this.#due.length - this.#dueFrom
    const ranSeconds = (performance.now() - beganAt) / 1_000
    for (const { connection } of loops) connection?.close()
    return {
      ...this.#tally.result(),
      ranSeconds,
      events: this.#tally.requests * this.#work.events,
      seconds: tookMs / 1_000,
      accepted: this.#accepted,
      unsent: this.#unsent,
      lateP99Ms: this.#late.percentile(0.99),
      cpuShare: (user + system) / 1_000 / tookMs,
    }
  }

  async #open(): Promise<Loop> {
    const loop: Loop = { connection: undefined, sentAt: 0, dueAt: 0, name: 0 }
    await this.#connect(loop)
    return loop
  }

  async #connect(loop: Loop): Promise<void> {
    try {
      loop.connection = await HttpConnection.open(this.order.url, {
        answer: (answer) => {
          const { sentAt, dueAt, name } = loop
          loop.sentAt = 0
          this.#waiting--
          if (answer.status >= 200 && answer.status < 300) {
            this.#accepted += this.#work.accepted(answer)
            this.#tally.answered(name, dueAt)
            this.#next(loop, this.#pauseMs)
          } else {
            this.#tally.failed(name, answer.status, sentAt)
            this.#next(loop, this.order.perSecond ? 0 : RETRY_MS)
          }
        },
        closed: () => this.#lost(loop),
      })
      this.#next(loop, 0)
    } catch {
      this.#lost(loop)
    }
  }

  get #pauseMs() {
    const { work } = this.order
    return work.kind === 'get' ? (work.everyMs ?? 0) : 0
  }

  #lost(loop: Loop) {
    if (loop.sentAt > 0) this.#waiting--
    if (this.#isOver) return
    if (loop.sentAt > 0 || !loop.connection) this.#tally.failed(loop.name, 0, loop.sentAt)
    loop.sentAt = 0
    const at = this.#idle.indexOf(loop)
    if (at >= 0) this.#idle.splice(at, 1)
    setTimeout(() => void (this.#isOver || this.#connect(loop)), RECONNECT_MS)
  }

  #next(loop: Loop, afterMs: number) {
    if (this.#isOver) return
    if (this.order.perSecond) {
      const dueAt = this.#firstDue()
      if (dueAt === undefined) this.#idle.push(loop)
      else this.#send(loop, dueAt)
    } else if (afterMs === 0) this.#send(loop, performance.now())
    else setTimeout(() => this.#isOver || this.#send(loop, performance.now()), afterMs)
  }

  #send(loop: Loop, dueAt: number) {
    const { bytes, name } = this.#work.next()
    this.#waiting++
    loop.name = name
    loop.dueAt = dueAt
    loop.sentAt = performance.now()
    loop.connection?.send(bytes)
  }

  #firstDue(): number | undefined {
    const giveUpAt = performance.now() - (this.order.giveUpMs ?? Number.POSITIVE_INFINITY)
    while (this.#dueFrom < this.#due.length) {
      const dueAt = this.#due[this.#dueFrom++] as number
      if (dueAt >= giveUpAt) return dueAt
      this.#unsent++
    }
    this.#due.length = 0
    this.#dueFrom = 0
    return undefined
  }

  #pace(perSecond: number) {
    const startedAt = performance.now()
    const everyMs = 1_000 / perSecond
    let nth = 0
    const tick = () => {
      if (this.#isOver) return
      const now = performance.now()
      for (let dueAt = startedAt + nth * everyMs; dueAt <= now; dueAt = startedAt + ++nth * everyMs) {
        const loop = this.#idle.pop()
        if (!loop) {
          this.#due.push(dueAt)
          continue
        }
        this.#late.add(now - dueAt)
        this.#send(loop, dueAt)
      }
      if (this.order.spin && startedAt + nth * everyMs - now < 1.5) setImmediate(tick)
      else setTimeout(tick, 1)
    }
    tick()
  }
}

if (import.meta.main) {
  const order = JSON.parse(await Bun.stdin.text()) as LoadOrder
  console.log(JSON.stringify(await new Load(order).run()))
  process.exit(0)
}
