/**
 * The load, as a process of its own: reads one `LoadOrder` as JSON from stdin, writes one `LoadResult` to stdout.
 * Closed loop: every connection sends its next request when the last one is answered.
 */

import { Histogram } from '../src/metrics/histogram.ts'
import { type Answer, HttpConnection, requestWith } from './client.ts'
import { automationOf, type Draw, picker, type Size } from './population.ts'

export interface LoadOrder {
  url: string
  connections: number
  /** Measured, after `warmUpSeconds` that are not. */
  seconds: number
  warmUpSeconds: number
  work:
    | { kind: 'get'; path: string; headers?: Record<string, string>; everyMs?: number }
    | { kind: 'consume' | 'batch'; key: 'v7' | 'v4' | 'none'; draw: Draw; eventsPerRequest: number }
  size: Size
  serviceTokens: string[]
  seed: number
}

export interface LoadResult {
  /** Answered with 200 while it was measured. */
  requests: number
  /** Of the events in them. */
  events: number
  seconds: number
  /** Events that the server said it had accepted, over the whole run, warm-up and end included. */
  accepted: number
  /** The whole run, from the first request to the last answer. */
  ranSeconds: number
  /** Answers that were not 200, by status; 0 is a connection that broke. */
  failed: Record<string, number>
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Of one processor, while it was measured. */
  cpuShare: number
}

const CONSUME = '/api/automation-usage/consume'
const KEY_HOLE = 'k'.repeat(36)
const RETRY_MS = 10
const LAST_ANSWERS_MS = 10_000

/** Makes the next request and reads its answer. */
interface Work {
  next(): Buffer
  /** Events accepted. */
  accepted(answer: Answer): number
  events: number
}

function workOf({ work, size, serviceTokens, seed }: LoadOrder): Work {
  if (work.kind === 'get') {
    const request = requestWith('GET', work.path, work.headers ?? {})
    return { next: () => request, accepted: () => 0, events: 1 }
  }
  const pick = picker(size, work.draw, seed)
  const newKey = work.key === 'v4' ? () => crypto.randomUUID() : () => Bun.randomUUIDv7()
  if (work.kind === 'batch') {
    return {
      next: () => {
        const { automationId, subscriptions } = pick.batch(work.eventsPerRequest)
        const events = subscriptions.map(
          (id) =>
            `{"user_automation_id":${id},"units":1,"usage_type":"bench","idempotency_key":"${newKey()}"}`,
        )
        const headers = { 'x-zimmer-service-token': serviceTokens[automationId - 1] as string }
        return requestWith('POST', `${CONSUME}/batch`, headers, `{"events":[${events.join(',')}]}`)
      },
      accepted: ({ body }) => body.toString('latin1').split('"accepted":true').length - 1,
      events: work.eventsPerRequest,
    }
  }
  const requests = new Map<number, { bytes: Buffer; hole: number }>()
  const requestFor = (id: number) => {
    const token = serviceTokens[automationOf(id, size) - 1] as string
    const headers: Record<string, string> = { 'x-zimmer-service-token': token }
    if (work.key !== 'none') headers['idempotency-key'] = KEY_HOLE
    const body = `{"user_automation_id":${id},"units":1,"usage_type":"bench"}`
    const bytes = requestWith('POST', CONSUME, headers, body)
    const request = { bytes, hole: bytes.indexOf(KEY_HOLE) }
    requests.set(id, request)
    return request
  }
  return {
    next: () => {
      const id = pick.any()
      const { bytes, hole } = requests.get(id) ?? requestFor(id)
      if (hole > 0) bytes.write(newKey(), hole, 'latin1')
      return bytes
    },
    // The reply begins with {"accepted":true or {"accepted":false
    accepted: ({ body }) => (body[12] === 0x74 ? 1 : 0),
    events: 1,
  }
}

class Load {
  readonly #work: Work
  readonly #times = new Histogram()
  readonly #failed: Record<string, number> = {}
  #accepted = 0
  #startedAt = 0
  #measuring = false
  #isOver = false
  #waiting = 0

  constructor(private readonly order: LoadOrder) {
    this.#work = workOf(order)
  }

  async run(): Promise<LoadResult> {
    const { connections, seconds, warmUpSeconds, url } = this.order
    const beganAt = performance.now()
    const open = await Promise.all(Array.from({ length: connections }, () => this.#loop(url)))
    await Bun.sleep(warmUpSeconds * 1_000)
    this.#measuring = true
    this.#startedAt = performance.now()
    const cpu = process.cpuUsage()
    await Bun.sleep(seconds * 1_000)
    const tookMs = performance.now() - this.#startedAt
    const { user, system } = process.cpuUsage(cpu)
    this.#measuring = false
    this.#isOver = true
    const deadline = performance.now() + LAST_ANSWERS_MS
    while (this.#waiting > 0 && performance.now() < deadline) await Bun.sleep(5)
    const ranSeconds = (performance.now() - beganAt) / 1_000
    for (const connection of open) connection.close()
    return {
      ranSeconds,
      requests: this.#times.count,
      events: this.#times.count * this.#work.events,
      seconds: tookMs / 1_000,
      accepted: this.#accepted,
      failed: this.#failed,
      p50Ms: this.#times.percentile(0.5),
      p99Ms: this.#times.percentile(0.99),
      maxMs: this.#times.maxMs,
      cpuShare: (user + system) / 1_000 / tookMs,
    }
  }

  async #loop(url: string) {
    const { work } = this.order
    const everyMs = work.kind === 'get' ? (work.everyMs ?? 0) : 0
    let sentAt = 0
    const connection = await HttpConnection.open(url, {
      answer: (answer) => {
        this.#waiting--
        if (answer.status === 200) {
          this.#accepted += this.#work.accepted(answer)
          if (this.#measuring && sentAt >= this.#startedAt) this.#times.add(performance.now() - sentAt)
          if (everyMs === 0) send()
          else setTimeout(send, everyMs)
        } else {
          this.#fail(answer.status)
          setTimeout(send, RETRY_MS)
        }
      },
      closed: () => {
        if (!this.#isOver) this.#fail(0)
      },
    })
    const send = () => {
      if (this.#isOver) return
      this.#waiting++
      const request = this.#work.next()
      sentAt = performance.now()
      connection.send(request)
    }
    send()
    return connection
  }

  #fail(status: number) {
    this.#failed[status] = (this.#failed[status] ?? 0) + 1
  }
}

if (import.meta.main) {
  const order = JSON.parse(await Bun.stdin.text()) as LoadOrder
  console.log(JSON.stringify(await new Load(order).run()))
  process.exit(0)
}
