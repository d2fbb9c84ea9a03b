import { describe, expect, test } from 'bun:test'
import { Turns } from './turns.ts'

const hold = (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** Requests that hold the loop for so long each until it is over, all here at once; in which order they were done. */
function crowd(turns: Turns, count: number, ms: number, isOver = () => false) {
  const order: number[] = []
  const one = async (nth: number) => {
    const turn = turns.enter(performance.now())
    if (turn !== undefined) await turn
    if (!isOver()) hold(ms)
    order.push(nth)
  }
  return { order, done: Promise.all(Array.from({ length: count }, (_, nth) => one(nth))) }
}

describe('turns', () => {
  test('with an idle loop nobody waits', async () => {
    const turns = new Turns()
    for (let nth = 0; nth < 20; nth++) {
      expect(turns.enter(performance.now())).toBeUndefined()
      await Bun.sleep(1)
    }
  })

  test('past a slice of work the others wait, each gets its turn in order, and nobody is left', async () => {
    const turns = new Turns()
    const { order, done } = crowd(turns, 50, 2)
    expect(order.length).toBeLessThan(10)
    expect(turns.waiting).toBe(50 - order.length)
    await done
    expect(order).toEqual(Array.from({ length: 50 }, (_, nth) => nth))
    expect(turns.waiting).toBe(0)
    await Bun.sleep(5)
    expect(turns.enter(performance.now())).toBeUndefined()
  })

  test('between two of them the loop looks at what has arrived', async () => {
    using server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('at once') })
    const turns = new Turns()
    let isAnswered = false
    // For ten seconds, unless the loop looks.
    const { order, done } = crowd(turns, 5_000, 2, () => isAnswered)
    expect(await (await fetch(server.url)).text()).toBe('at once')
    isAnswered = true
    expect(order.length).toBeLessThan(5_000)
    await done
  })

  test('how long one would wait follows what the others took; past 200 ms a crowd is full', async () => {
    const turns = new Turns()
    await crowd(turns, 40, 10).done
    const few = crowd(turns, 50, 10)
    expect(turns.waitMs).toBeGreaterThan(200)
    expect(turns.isFull).toBe(false)
    const many = crowd(turns, 20, 10)
    expect(turns.waitMs).toBeGreaterThan(400)
    expect(turns.isFull).toBe(true)
    await Promise.all([few.done, many.done])
    expect(turns.isFull).toBe(false)
    const light = crowd(turns, 2_000, 0.01)
    expect(turns.waiting).toBeGreaterThan(0)
    await light.done
    expect(light.order).toHaveLength(2_000)
  })

  test('a pause of the machine is no crowd, neither while it lasts nor later', async () => {
    const turns = new Turns()
    const paused = crowd(turns, 4, 200)
    expect(turns.isFull).toBe(false)
    await paused.done
    const others = crowd(turns, 25, 0.5)
    expect(turns.isFull).toBe(false)
    await others.done
  })

  test('what else holds the loop up is not what a turn takes', async () => {
    const turns = new Turns()
    // Replies from memory, refusals: for half of all time and more.
    let rounds = 0
    let isOver = false
    const other = () => {
      rounds++
      hold(10)
      if (!isOver) setImmediate(other)
    }
    other()
    await crowd(turns, 1_500, 0.01).done
    isOver = true
    expect(rounds).toBeLessThan(200)
  })
})
