import { afterEach, describe, expect, test } from 'bun:test'
import { HttpConnection, requestWith } from './client.ts'
import type { LoadResult, Prepared } from './load-order.ts'
import { picker, sizeOf } from './population.ts'
import { slope } from './scenarios/soak.ts'
import { play } from './stage.ts'

type Handler = (request: Request) => Response | Promise<Response>

let server: ReturnType<typeof Bun.serve> | undefined
afterEach(() => server?.stop(true))

function serving(handler: Handler) {
  server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: handler })
  return server.url.href.replace(/\/$/, '')
}

const get = (path: string): Prepared => ({ name: path, method: 'GET', path })

describe('a load', () => {
  test('in an open loop counts from when a request was due: one stop of the server slows many', async () => {
    let answered = 0
    const url = serving(() => {
      if (++answered === 100) Bun.sleepSync(1_000)
      return new Response('ok')
    })
    const scene = { requests: [get('/')], connections: 4, seconds: 3, warmUpSeconds: 0.2 }
    const open = await play(url, { ...scene, perSecond: 100 })
    // A second of a hundred a second: those who were due in its first half waited for half a second at least.
    expect(open.count).toBeGreaterThan(280)
    expect(slowerThan(open, 500)).toBeGreaterThan(30)
  })

  test('in an open loop keeps its rate whatever the server does, and says what it never sent', async () => {
    const url = serving(async () => {
      await Bun.sleep(500)
      return new Response('ok')
    })
    const scene = { requests: [get('/')], connections: 2, seconds: 2, warmUpSeconds: 0 }
    const { count, unsent } = await play(url, { ...scene, perSecond: 50, giveUpMs: 200 })
    expect(count).toBeLessThan(12)
    expect(count + unsent).toBeGreaterThanOrEqual(95)
  })

  test('tells endpoints apart, refusals from answers, and half seconds from one another', async () => {
    const url = serving(({ url: path }) =>
      path.endsWith('/full') ? new Response('no', { status: 503 }) : new Response('yes'),
    )
    const requests = [get('/fine'), get('/full')]
    const result = await play(url, { requests, connections: 2, seconds: 1.2, warmUpSeconds: 0 })
    const [fine, full] = result.named
    expect(fine).toMatchObject({ name: '/fine', failed: 0 })
    expect(full).toMatchObject({ name: '/full', count: 0 })
    expect(full?.failed).toBe(result.refused.count)
    expect(result.failed['503']).toBeGreaterThan(0)
    expect(result.windows.answered.length).toBe(Math.floor(result.seconds / 0.5))
  })

  test('leaves out what failed before it measures, and has windows in which nobody was answered', async () => {
    let asked = 0
    const url = serving(async () => {
      if (++asked <= 4) return new Response('no', { status: 503 })
      await Bun.sleep(5_000)
      return new Response('yes')
    })
    const scene = { requests: [get('/')], connections: 2, seconds: 1.2, warmUpSeconds: 1 }
    const { failed, windows, seconds } = await play(url, scene)
    expect(failed).toEqual({})
    expect(windows.answered).toEqual(Array(Math.floor(seconds / 0.5)).fill(0))
  })

  test('reads answers in chunks, without a length, and of many bytes', async () => {
    const long = 'x'.repeat(300_000)
    const url = serving(({ url: path }) => {
      if (path.endsWith('/empty')) return new Response(null, { status: 204 })
      return new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(long)
            await Bun.sleep(5)
            controller.enqueue(long)
            controller.close()
          },
        }),
      )
    })
    const statuses: number[] = []
    const lengths: number[] = []
    await new Promise<void>((resolve) => {
      const paths = ['/chunks', '/empty', '/chunks']
      void HttpConnection.open(url, {
        answer: ({ status, body }) => {
          statuses.push(status)
          lengths.push(body.byteLength)
          next()
        },
        closed: () => {},
      }).then((connection) => {
        next = () => {
          const path = paths.shift()
          if (path) connection.send(requestWith('GET', path, {}))
          else resolve()
        }
        next()
      })
      let next = () => {}
    })
    expect(statuses).toEqual([200, 204, 200])
    expect(lengths[0]).toBeGreaterThan(600_000)
    expect(lengths[1]).toBe(0)
  })

  test('goes on when connections are cut', async () => {
    let count = 0
    const url = serving(
      () => new Response('ok', { headers: ++count % 50 === 0 ? { connection: 'close' } : {} }),
    )
    const result = await play(url, { requests: [get('/')], connections: 2, seconds: 1, warmUpSeconds: 0 })
    expect(result.requests).toBeGreaterThan(60)
  })
})

/** How many took longer, from the half seconds' counts being too coarse: from the buckets. */
function slowerThan({ sparse }: LoadResult, ms: number) {
  let slower = 0
  for (let at = 0; at < sparse.length; at += 2) {
    const bucketMs = 0.005 * 1.01 ** (sparse[at] as number)
    if (bucketMs > ms) slower += sparse[at + 1] as number
  }
  return slower
}

test('customers are drawn by Zipf: the first of thirty thousand has its share, the first tenth most', () => {
  const size = sizeOf(10_000)
  const pick = picker(size, 'zipf', 1)
  const counts = new Map<number, number>()
  const draws = 200_000
  for (let nth = 0; nth < draws; nth++) {
    const id = pick.any()
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const sorted = [...counts.values()].sort((a, b) => b - a)
  const harmonic = Math.log(30_000) + 0.5772
  expect((sorted[0] as number) / draws).toBeCloseTo(1 / harmonic, 2)
  const tenth = sorted.slice(0, 3_000).reduce((sum, count) => sum + count, 0)
  expect(tenth / draws).toBeGreaterThan(0.7)
  expect(Math.min(...counts.keys())).toBeGreaterThanOrEqual(1)
  expect(Math.max(...counts.keys())).toBeLessThanOrEqual(30_000)
})

test('a batch is of one automation', () => {
  const size = sizeOf(1_000)
  const { automationId, subscriptions } = picker(size, 'zipf', 1).batch(50)
  expect(subscriptions).toHaveLength(50)
  expect(automationId).toBeGreaterThanOrEqual(1)
})

test('a slope is that of the best straight line', () => {
  expect(
    slope([
      [0, 10],
      [1, 12],
      [2, 14],
    ]),
  ).toBeCloseTo(2)
  expect(
    slope([
      [0, 5],
      [1, 5.2],
      [2, 4.8],
      [3, 5],
    ]),
  ).toBeCloseTo(-0.04)
})
