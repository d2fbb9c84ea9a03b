import { describe, expect, test } from 'bun:test'
import { answered, MARKET, nextMinute, sample, save } from '../../test/measured.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { iso, MINUTE_MS } from '../lib/time.ts'
import { keeperOf } from './routes/keeper.ts'

const URL = '/api/admin/performance'

/** A minute in which the endpoint took so long, or was not asked for; then the judgement. */
async function minute(zimmer: TestZimmer, ms: number | null) {
  if (ms !== null) answered(zimmer, MARKET, [[20, ms]])
  await nextMinute(zimmer)
  await keeperOf(zimmer.app).judge()
}

async function minutes(zimmer: TestZimmer, all: (number | null)[]) {
  for (const ms of all) await minute(zimmer, ms)
}

async function misses(zimmer: TestZimmer, path = URL) {
  const { body } = await (await zimmer.as('manager')).get(path)
  return body.misses
}

const gauge = async (zimmer: TestZimmer) =>
  /^zimmer_target_missed.*$/m.exec((await zimmer.anyone.get('/metrics')).text)?.[0] ?? null

describe.each(databases)('a missed target on %s', (database) => {
  test('is recorded after five minutes in a row, told by the metrics, and recovers by itself', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    const since = zimmer.clock.now() - (zimmer.clock.now() % MINUTE_MS)
    await minutes(zimmer, [1_200, 1_200, 3_000, 1_200])
    expect(await misses(zimmer)).toEqual([])
    expect(await gauge(zimmer)).toBeNull()
    await minute(zimmer, 1_200)
    const miss = { target: MARKET, goal: 1_000, unit: 'ms', worst: 3_000, since: iso(since) }
    expect(await misses(zimmer)).toMatchObject([{ ...miss, until: null }])
    expect(await gauge(zimmer)).toBe(`zimmer_target_missed{target="${MARKET}"} 1`)
    await minutes(zimmer, [5_000, null])
    expect(await misses(zimmer)).toMatchObject([{ ...miss, worst: 5_000, until: null }])
    await minute(zimmer, 20)
    const ended = { ...miss, worst: 5_000, until: iso(since + 6 * MINUTE_MS) }
    expect(await misses(zimmer)).toEqual([ended])
    expect(await gauge(zimmer)).toBeNull()
    await minutes(zimmer, [2_000, 2_000])
    expect(await misses(zimmer)).toEqual([ended])
  })

  test('is none when one of five minutes was good, or nobody asked in it', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    await minutes(zimmer, [2_000, 2_000, 2_000, 2_000, 10, 2_000, 2_000, 2_000, 2_000, null, 2_000])
    expect(await misses(zimmer)).toEqual([])
  })

  test('ends after five minutes in which nobody asked', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    await minutes(zimmer, [2_000, 2_000, 2_000, 2_000, 2_000, null, null, null, null])
    expect(await misses(zimmer)).toMatchObject([{ until: null }])
    await minute(zimmer, null)
    expect(await misses(zimmer)).toMatchObject([{ until: expect.any(String) }])
  })

  test('is recorded once, however many judge at once', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    for (let i = 0; i < 5; i++) {
      answered(zimmer, MARKET, [[20, 2_000]])
      await nextMinute(zimmer)
    }
    const { judgeTargets } = await import('./misses.ts')
    const judged = await times(10, () => zimmer.app.write((tx) => judgeTargets(tx)))
    expect(judged.flatMap(({ missed }) => missed)).toMatchObject([{ target: MARKET, worst: 2_000 }])
    expect(await misses(zimmer)).toHaveLength(1)
    answered(zimmer, MARKET, [[20, 2]])
    await nextMinute(zimmer)
    const again = await times(10, () => zimmer.app.write((tx) => judgeTargets(tx)))
    expect(again.flatMap(({ recovered }) => recovered)).toMatchObject([{ target: MARKET }])
  })

  test('is judged over all nodes together, memory by the worst of them, a hit rate by its least', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    const slow = sample({
      name: MARKET,
      count: 10,
      good: 0,
      targetMs: 1_000,
      largest: 2e6,
      buckets: [1_300, 10],
    })
    const fast = sample({
      name: MARKET,
      count: 990,
      good: 990,
      targetMs: 1_000,
      largest: 1e3,
      buckets: [500, 990],
    })
    const memory = (megabytes: number) =>
      sample({ kind: 'process', name: 'memory', count: 1, total: megabytes * 1e6, largest: megabytes * 1e6 })
    const cache = (good: number) => sample({ kind: 'cache', name: 'responses', count: 1_000, good })
    for (let i = 0; i < 5; i++) {
      await save(zimmer, 'a', zimmer.clock.now(), [slow, memory(600 + i), cache(500 - i)])
      await save(zimmer, 'b', zimmer.clock.now(), [fast, memory(100)])
      await nextMinute(zimmer)
    }
    await keeperOf(zimmer.app).judge()
    const found = (await misses(zimmer)) as { target: string }[]
    expect(found.sort((a, b) => a.target.localeCompare(b.target))).toMatchObject([
      { target: 'cache_hit_rate', goal: 80, unit: '%', worst: 50 },
      { target: 'memory', goal: 500, unit: 'MB', worst: 604 },
    ])
  })
})
