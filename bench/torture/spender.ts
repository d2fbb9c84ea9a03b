import { HttpConnection, requestWith } from '../client.ts'
import type { Seed } from './seed.ts'

const CONNECTIONS = 32
const CONSUME = '/api/automation-usage/consume'
/** So many of the requests are batches of `BATCH` events. */
const BATCH_SHARE = 0.05
const BATCH = 8
/** So many repeat an event that was acknowledged before: nothing may change. */
const REPEAT_SHARE = 0.03
/** Of the batches so many end in such a repetition: what is known already must not speak for what is new. */
const REPEAT_LAST_SHARE = 0.5
/** Of the events whose reply was lost, so many are sent again after the restart; of the rest nobody ever hears. */
const RETRY_SHARE = 0.7
const AFTER_REFUSAL_MS = 5

interface Event {
  key: string
  subscription: number
  units: number
}

/** What is known of a key: `unknown` when it was sent and no final answer came. */
export type Fate = Event & ({ state: 'unknown' | 'declined' } | { state: 'acknowledged'; usageId: number })

interface ReceiptBody {
  accepted: boolean
  usage_id: number | null
}

/** Spends over and over, and remembers everything that it was told. */
export class Spender {
  readonly fates = new Map<string, Fate>()
  /** An event that was acknowledged twice, with different answers. */
  readonly contradictions: string[] = []
  readonly #acknowledged: Event[] = []
  readonly #subscriptions: number[]
  #retries: Event[] = []
  #isOver = true
  /** Answers that were neither yes nor no, by status. */
  readonly refusals: Record<number, number> = {}

  constructor(private readonly seed: Seed) {
    this.#subscriptions = [...seed.granted.keys()]
  }

  get acknowledged() {
    return this.#acknowledged.length
  }

  /** Spends on all connections until `stop()` or until the server dies. */
  async start(url: string) {
    this.#isOver = false
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#loop(url)))
  }

  stop() {
    this.#isOver = true
  }

  async #loop(url: string) {
    let underWay: Event[] = []
    const send = () => {
      if (this.#isOver) return
      underWay = this.#nextEvents()
      connection.send(this.#requestOf(underWay))
    }
    const connection = await HttpConnection.open(url, {
      answer: ({ status, body }) => {
        const events = underWay
        underWay = []
        if (status === 200) {
          this.#learn(events, JSON.parse(body.toString()) as ReceiptBody & { results?: ReceiptBody[] })
          send()
        } else {
          this.refusals[status] = (this.refusals[status] ?? 0) + 1
          this.#retries.push(...events)
          setTimeout(send, AFTER_REFUSAL_MS)
        }
      },
      closed: () => {
        this.#retries.push(...underWay.filter(() => Math.random() < RETRY_SHARE))
        underWay = []
      },
    })
    send()
  }

  #nextEvents(): Event[] {
    const retry = this.#retries.pop()
    if (retry) return [retry]
    if (this.#acknowledged.length > 0 && Math.random() < REPEAT_SHARE) return [oneOf(this.#acknowledged)]
    const count = Math.random() < BATCH_SHARE ? BATCH : 1
    const events = this.#newEvents(count)
    const isRepeating = count > 1 && this.#acknowledged.length > 0 && Math.random() < REPEAT_LAST_SHARE
    return isRepeating ? [...events, oneOf(this.#acknowledged)] : events
  }

  #newEvents(count: number): Event[] {
    return Array.from({ length: count }, () => {
      const event: Event = {
        key: Bun.randomUUIDv7(),
        subscription: oneOf(this.#subscriptions),
        units: 1 + Math.floor(Math.random() * 3),
      }
      this.fates.set(event.key, { ...event, state: 'unknown' })
      return event
    })
  }

  #requestOf(events: readonly Event[]) {
    const headers = { 'x-zimmer-service-token': this.seed.serviceToken }
    const [first] = events
    const bodies = events.map(({ subscription, units }) => ({
      user_automation_id: subscription,
      units,
      usage_type: 'torture',
    }))
    if (events.length === 1 && first) {
      return requestWith(
        'POST',
        CONSUME,
        { ...headers, 'idempotency-key': first.key },
        JSON.stringify(bodies[0]),
      )
    }
    const keyed = bodies.map((body, index) => ({ ...body, idempotency_key: events[index]?.key }))
    return requestWith('POST', `${CONSUME}/batch`, headers, JSON.stringify({ events: keyed }))
  }

  #learn(events: readonly Event[], reply: ReceiptBody & { results?: ReceiptBody[] }) {
    const receipts = reply.results ?? [reply]
    events.forEach((event, index) => {
      const receipt = receipts[index]
      const before = this.fates.get(event.key)
      if (!receipt?.accepted || receipt.usage_id === null) {
        if (before?.state === 'acknowledged') this.contradictions.push(`${event.key}: accepted, later not`)
        else this.fates.set(event.key, { ...event, state: 'declined' })
        return
      }
      if (before?.state === 'acknowledged') {
        if (before.usageId !== receipt.usage_id) {
          this.contradictions.push(`${event.key}: usage ${before.usageId}, later ${receipt.usage_id}`)
        }
        return
      }
      this.#acknowledged.push(event)
      this.fates.set(event.key, { ...event, state: 'acknowledged', usageId: receipt.usage_id })
    })
  }
}

const oneOf = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T
