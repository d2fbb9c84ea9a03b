import { describe, expect, test } from 'bun:test'
import { MARKET, nextMinute, sample, save } from '../../test/measured.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { DAY_MS, MINUTE_MS } from '../lib/time.ts'
import { rangeNames } from './ranges.ts'
import { performanceReport } from './report.ts'
import { rollUp } from './roll-up.ts'
import { insertSamples, MINUTE_SECONDS } from './samples.ts'

const rows = ({ app }: TestZimmer) => app.db.selectFrom('performance_samples').selectAll().execute()

const enqueue = ({ app }: TestZimmer, kind: string) =>
  app.write(async (tx) => {
    const queue = await import('../queue/queue.ts')
    // The worker goes by the real time.
    await queue.enqueue(tx, { kind }, null, { runAt: 0 })
  })

const market = (count: number, ms = 10) =>
  sample({
    name: MARKET,
    count,
    good: count,
    failed: 1,
    total: count * ms * 1_000,
    largest: ms * 1_000,
    targetMs: 1_000,
    buckets: [765, count],
  })

async function reported({ app, clock }: TestZimmer, range: '24h' | '30d') {
  const { endpoints } = await performanceReport(app.db, { range, now: clock.now(), live: [] })
  return endpoints.find(({ path }) => path === '/api/automations/marketplace')
}

describe.each(databases)('rolling up on %s', (database) => {
  test('minutes become quarters of an hour, then quarters of a day, and nothing is lost or counted twice', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    for (let minute = 0; minute < 200; minute++) {
      await save(zimmer, minute % 2 ? 'a' : 'b', zimmer.clock.now() - minute * MINUTE_MS, [
        market(10, minute + 1),
      ])
    }
    const before = await reported(zimmer, '24h')
    expect(before).toMatchObject({ count: 2_000, errors: 200, max_ms: 200 })
    await enqueue(zimmer, 'performance.roll_up')
    await zimmer.runJobs()
    const kept = (await rows(zimmer)).filter(({ name }) => name === MARKET)
    const minutes = kept.filter(({ seconds }) => seconds === 60)
    expect(minutes.length).toBeLessThanOrEqual(81)
    expect(minutes.every(({ at }) => at > zimmer.clock.now() - 83 * MINUTE_MS)).toBe(true)
    expect(kept.length).toBeLessThan(105)
    const after = await reported(zimmer, '24h')
    expect(after).toMatchObject({ count: 2_000, errors: 200, max_ms: 200, p95_ms: before?.p95_ms })
    zimmer.clock.advance(3 * DAY_MS)
    await enqueue(zimmer, 'performance.roll_up')
    await zimmer.runJobs()
    // Two nodes, and two quarters of a day where the time runs across the end of one.
    expect((await rows(zimmer)).filter(({ name }) => name === MARKET).length).toBeLessThanOrEqual(4)
    expect(await reported(zimmer, '30d')).toMatchObject({ count: 2_000, errors: 200, max_ms: 200 })
  })

  test('no range of the report shows anything else after it', async () => {
    await using zimmer = await testZimmer(database)
    await nextMinute(zimmer)
    const now = zimmer.clock.now()
    const minutes = [...Array(130).keys(), ...Array.from({ length: 80 }, (_, i) => 130 + i * 520)]
    const all = minutes.flatMap((ago) => {
      const place = { at: now - (now % MINUTE_MS) - ago * MINUTE_MS, node: 'a' }
      return [
        { ...market(1 + (ago % 3)), ...place },
        { ...market(2), name: 'GET /api/me', ...place },
      ]
    })
    await zimmer.app.write((tx) => insertSamples(tx, MINUTE_SECONDS, all))
    const seen = async () => {
      const shown: unknown[] = []
      for (const range of rangeNames) {
        const { endpoints } = await performanceReport(zimmer.app.db, { range, now, live: [] })
        for (const { path, count, series } of endpoints) {
          shown.push([range, path, count, series.map((point) => point.count)])
        }
      }
      return shown.sort()
    }
    const before = await seen()
    expect(before).toHaveLength(2 * rangeNames.length)
    while (await zimmer.app.write((tx) => rollUp(tx)));
    const ages = new Set((await rows(zimmer)).map(({ seconds }) => seconds))
    expect([...ages].sort((a, b) => a - b)).toEqual([60, 900, 3_600, 21_600, 86_400])
    expect(await seen()).toEqual(before)
  })

  test('ten at once move each sample once', async () => {
    await using zimmer = await testZimmer(database)
    for (let minute = 100; minute < 160; minute++) {
      await save(zimmer, 'a', zimmer.clock.now() - minute * MINUTE_MS, [market(1)])
    }
    for (let i = 0; i < 6; i++) await times(10, () => zimmer.app.write((tx) => rollUp(tx)))
    expect(await reported(zimmer, '24h')).toMatchObject({ count: 60 })
  })

  test('a minute that comes late is moved as well', async () => {
    await using zimmer = await testZimmer(database)
    const at = zimmer.clock.now() - 150 * MINUTE_MS
    for (let i = 0; i < 2; i++) {
      await save(zimmer, 'a', at, [market(3)])
      await zimmer.app.write((tx) => rollUp(tx))
    }
    expect((await rows(zimmer)).every(({ seconds }) => seconds === 900)).toBe(true)
    expect(await reported(zimmer, '24h')).toMatchObject({ count: 6 })
  })
})

describe.each(databases)('the retention on %s', (database) => {
  test('deletes what is older than 30 days, and nothing else', async () => {
    await using zimmer = await testZimmer(database)
    const now = zimmer.clock.now()
    const old = Array.from({ length: 1_300 }, (_, i) => ({ ...market(1), name: `GET /old/${i}` }))
    await save(zimmer, 'a', now - 30 * DAY_MS - 2 * MINUTE_MS, old)
    await save(zimmer, 'a', now - 29 * DAY_MS, [market(1)])
    await save(zimmer, 'a', now, [market(1)])
    const miss = { target: 't', goal: 1, unit: 'ms', worst: 2, since: now - 40 * DAY_MS }
    const ended = { last_at: now - 31 * DAY_MS, until: now - 31 * DAY_MS }
    await zimmer.app.write(async (tx) => {
      await tx
        .insertInto('target_misses')
        .values({ ...miss, ...ended })
        .execute()
      await tx
        .insertInto('target_misses')
        .values({ ...miss, last_at: now - 31 * DAY_MS, until: null })
        .execute()
      await tx.insertInto('performance_statements').values({ name: 'old', sql: 's', seen_at: 5 }).execute()
      await tx.insertInto('performance_statements').values({ name: 'new', sql: 's', seen_at: now }).execute()
    })
    await enqueue(zimmer, 'performance.sweep')
    await zimmer.runJobs()
    expect((await rows(zimmer)).map(({ name }) => name)).toEqual([MARKET, MARKET])
    const { db } = zimmer.app
    expect(await db.selectFrom('target_misses').select('until').execute()).toEqual([{ until: null }])
    const names = await db.selectFrom('performance_statements').select('name').execute()
    expect(names.map(({ name }) => name)).toEqual(['new'])
  })
})
