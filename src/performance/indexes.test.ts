import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { explain } from '../../test/explain.ts'
import { sample, save } from '../../test/measured.ts'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts'
import { judgeTargets } from './misses.ts'
import { rollUp, sweepOldNames, sweepSamples } from './roll-up.ts'

/** By kind and time, or by age and time: PostgreSQL 18 can go by either. */
const SAMPLES = 'idx_performance_samples_'

describe.each(databases)('what is measured, on %s', (database) => {
  test('is found, moved and deleted by an index, whatever there is of it', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    const now = zimmer.clock.now()
    const many = Array.from({ length: 100 }, (_, i) => sample({ name: `GET /${i}`, count: 1 }))
    for (let i = 0; i < 30; i++) await save(zimmer, 'a', now - i * HOUR_MS, many)
    for (let i = 0; i < 20; i++) await save(zimmer, 'a', now - i * MINUTE_MS, many)
    if (database === 'postgres') await sql`analyze`.execute(zimmer.app.db)
    const { write } = zimmer.app
    const works: [index: string, work: () => Promise<unknown>][] = [
      [SAMPLES, () => client.get('/api/admin/performance')],
      [SAMPLES, () => client.get('/api/admin/performance/slow-queries')],
      [SAMPLES, () => write((tx) => rollUp(tx))],
      [SAMPLES, () => write((tx) => rollUp(tx))],
      [SAMPLES, () => write((tx) => sweepSamples(tx, 10))],
      ['idx_target_misses_last_at', () => write((tx) => sweepOldNames(tx))],
      ['idx_target_misses_open', () => write((tx) => judgeTargets(tx))],
    ]
    for (const [index, work] of works) {
      const sent = (await statements.sentDuring(work)).filter((one) => /^(select|delete)/.test(one.sql))
      const plans: string[] = []
      for (const one of sent)
        if (/performance_samples|target_misses/.test(one.sql))
          plans.push(await explain(zimmer, database, one))
      expect([index, plans.join('\n\n')]).toEqual([index, expect.stringContaining(index)])
      expect(plans.filter((plan) => /(SCAN|Seq Scan on) performance_samples(?!.*USING)/.test(plan))).toEqual(
        [],
      )
    }
  })
})
