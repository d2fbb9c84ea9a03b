import { type Answer, requestWith } from './client.ts'
import type { LoadOrder, Prepared } from './load-order.ts'
import { automationOf, picker, randomNumbers } from './population.ts'

/** Makes the requests of a load and reads its answers. */
export interface Work {
  /** What the requests are told apart by. */
  names: string[]
  /** The bytes may be written over by the next call. */
  next(): { bytes: Buffer; name: number }
  /** Events accepted. */
  accepted(answer: Answer): number
  /** In each request. */
  events: number
}

export const CONSUME = '/api/automation-usage/consume'
const KEY_HOLE = 'k'.repeat(36)

export function workOf(order: LoadOrder): Work {
  const { work, seed } = order
  if (work.kind === 'get') return requestsWork([{ name: work.path, method: 'GET', ...work }], seed)
  if (work.kind === 'requests') return requestsWork(work.requests, seed)
  return work.kind === 'batch' ? batchWork(order, work) : consumeWork(order, work)
}

/** Drawn evenly; a request that should come twice as often is there twice. */
function requestsWork(requests: readonly Prepared[], seed: number): Work {
  const names = [...new Set(requests.map(({ name }) => name))]
  const made = requests.map(({ name, method, path, headers = {}, body }) => ({
    bytes: requestWith(method, path, headers, body),
    name: names.indexOf(name),
  }))
  const random = randomNumbers(seed)
  return {
    names,
    next: () => made[Math.floor(random() * made.length)] as (typeof made)[number],
    accepted: () => 0,
    events: 1,
  }
}

type ConsumeWork = Extract<LoadOrder['work'], { kind: 'consume' | 'batch' }>

const keyOf = (work: ConsumeWork) =>
  work.key === 'v4' ? () => crypto.randomUUID() : () => Bun.randomUUIDv7() as string

function batchWork({ size, serviceTokens, seed }: LoadOrder, work: ConsumeWork): Work {
  const pick = picker(size, work.draw, seed)
  const newKey = keyOf(work)
  return {
    names: [`${CONSUME}/batch`],
    next: () => {
      const { automationId, subscriptions } = pick.batch(work.eventsPerRequest)
      const events = subscriptions.map(
        (id) => `{"user_automation_id":${id},"units":1,"usage_type":"bench","idempotency_key":"${newKey()}"}`,
      )
      const headers = { 'x-zimmer-service-token': serviceTokens[automationId - 1] as string }
      const bytes = requestWith('POST', `${CONSUME}/batch`, headers, `{"events":[${events.join(',')}]}`)
      return { bytes, name: 0 }
    },
    accepted: ({ body }) => body.toString('latin1').split('"accepted":true').length - 1,
    events: work.eventsPerRequest,
  }
}

function consumeWork({ size, serviceTokens, seed }: LoadOrder, work: ConsumeWork): Work {
  const pick = picker(size, work.draw, seed)
  const newKey = keyOf(work)
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
    names: [CONSUME],
    next: () => {
      const id = pick.any()
      const { bytes, hole } = requests.get(id) ?? requestFor(id)
      if (hole > 0) bytes.write(newKey(), hole, 'latin1')
      return { bytes, name: 0 }
    },
    // The reply begins with {"accepted":true or {"accepted":false
    accepted: ({ body }) => (body[12] === 0x74 ? 1 : 0),
    events: 1,
  }
}
