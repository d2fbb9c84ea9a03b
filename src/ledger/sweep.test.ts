import { describe, expect, spyOn, test } from 'bun:test'
import { addUsers } from '../../test/rows.ts'
import { databases, testZimmer, times } from '../../test/zimmer.ts'
import { DAY_MS, dayOf } from '../lib/time.ts'
import { ledgerJobs } from './jobs.ts'
import { DIFFERENCES, lastSweep, sweepOn } from './sweep.ts'

describe.each(databases)('the daily proof of the ledger on %s', (database) => {
  test('it finds that all adds up, once a day, and says so in the metrics', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100, demoTokens: 5 })
    const bob = await zimmer.customer({ paidTokens: 10 })
    await times(20, () => zimmer.consume(alice, 1))
    await zimmer.consume(bob, 3)
    const manager = await zimmer.as('manager')
    const adjustment = { user_automation_id: alice.userAutomationId, delta_tokens: -7, reason: 'for a test' }
    expect((await manager.post('/api/admin/tokens/adjust', adjustment)).status).toBe(200)
    zimmer.clock.advance(DAY_MS)
    await ledgerJobs(zimmer.app)[0]?.run(null)
    const day = dayOf(zimmer.app.clock())
    expect(await lastSweep(zimmer.app.db)).toMatchObject({ day, isOver: true, subscriptions: 2, failing: [] })
    const metrics = await zimmer.app.metrics.registry.metrics()
    expect(metrics).toContain('zimmer_ledger_audited_subscriptions 2')
    expect(metrics).toContain('zimmer_ledger_wrong_subscriptions 0')
  })

  test('it names a subscription that lost tokens by no rule', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    await zimmer.customer({ paidTokens: 100 })
    await zimmer.consume(alice, 1)
    const change = (tokens: number) =>
      zimmer.app.write((tx) =>
        tx
          .updateTable('lots')
          .set((lot) => ({ remaining: lot('remaining', '+', tokens) }))
          .where('user_automation_id', '=', alice.userAutomationId)
          .execute(),
      )
    await change(-1)
    const { db, storage } = zimmer.app
    const differences = storage.statement<{ id: number; difference: number }>('ledger_sweep', DIFFERENCES)
    const sweep = await sweepOn(db, differences, 1)
    expect(sweep).toMatchObject({ isOver: true, subscriptions: 2, failing: [alice.userAutomationId] })
    await change(1)
    expect(await sweepOn(db, differences, 2)).toMatchObject({ isOver: true, failing: [] })
  })

  test('many users are proven in more runs than one, none twice, and what is found is told once', async () => {
    await using zimmer = await testZimmer(database)
    await zimmer.customer({ paidTokens: 100 })
    await addUsers(zimmer, 450)
    const bob = await zimmer.customer({ paidTokens: 100 })
    const run = async () => {
      await ledgerJobs(zimmer.app)[0]?.run(null)
      return lastSweep(zimmer.app.db)
    }
    expect(await run()).toMatchObject({ userId: 200, isOver: false, subscriptions: 1 })
    expect(await run()).toMatchObject({ userId: 400, isOver: false, subscriptions: 1 })
    expect(await run()).toMatchObject({ isOver: true, subscriptions: 2, failing: [] })
    const leave = (remaining: number) =>
      zimmer.app.write((tx) => tx.updateTable('lots').set({ remaining }).execute())
    await leave(99)
    zimmer.clock.advance(DAY_MS)
    const error = spyOn(zimmer.app.log, 'error')
    for (const told of [1, 1, 2, 2]) {
      await run()
      expect(error).toHaveBeenCalledTimes(told)
    }
    expect((await lastSweep(zimmer.app.db))?.failing).toContain(bob.userAutomationId)
    await leave(100)
  })
})
