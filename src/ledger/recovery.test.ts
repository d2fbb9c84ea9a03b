import { describe, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gateJournal } from '../../test/journal-gate.ts'
import { until } from '../../test/until.ts'
import { CONSUME, testZimmer, times } from '../../test/zimmer.ts'
import { openApp } from '../app.ts'
import { connect, logPages } from '../storage/sqlite.ts'
import { auditLedger } from './audit.ts'
import { consumption } from './consumption.ts'
import { CHECKPOINT_FROM_PAGES } from './fold.ts'

describe('the ledger of one process over SQLite', () => {
  test('what was acknowledged before its tables had it is there after a crash', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    await times(100, (i) => zimmer.consume(alice, 2, `key ${i}`.replace(' ', '-')))
    // The files as a crash at this moment would leave them.
    const dataDir = mkdtempSync(join(tmpdir(), 'zimmer-crash-'))
    cpSync(zimmer.app.config.dataDir, dataDir, { recursive: true })
    const app = await openApp({ ...zimmer.app.config, dataDir }, { log: zimmer.app.log })
    const ledger = consumption(app)
    expect(await ledger.balance(alice.automationId, alice.userAutomationId)).toMatchObject({ paid: 800 })
    const rows = await app.db.selectFrom('token_usage').select('idempotency_key').execute()
    expect(new Set(rows.map((row) => row.idempotency_key)).size).toBe(100)
    expect((await auditLedger(app.db)).failures).toEqual([])
    expect(await ledger.newUsageId()).toBe(101)
    await app.close()
    rmSync(dataDir, { recursive: true })
  })

  test('what the journal can not take was not spent: 507, and all is well when it can again', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 100 })
    gateJournal(zimmer, () => Promise.reject(new Error('ENOSPC')))
    const replies = await times(40, (i) => zimmer.consume(alice, 1, `k${i}`))
    expect(replies.some((reply) => reply.status === 200)).toBe(false)
    expect(await zimmer.balance(alice)).toBe(100)
    gateJournal(zimmer, null)
    const again = await times(40, (i) => zimmer.consume(alice, 1, `k${i}`))
    expect(again.every((reply) => reply.body.accepted)).toBe(true)
    expect(await zimmer.balance(alice)).toBe(60)
  })

  test('reads see every acknowledged consume, at once', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    for (let i = 1; i <= 30; i++) {
      await zimmer.service(alice).post(CONSUME, {
        user_automation_id: alice.userAutomationId,
        units: 1,
        usage_type: 'x',
      })
      const [lot] = await zimmer.app.db.selectFrom('lots').select('remaining').execute()
      expect(lot?.remaining).toBe(1_000 - i)
    }
  })

  test('a write-ahead log of 32 MiB begins anew with the next consume, and so does the one after it', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 100 })
    const reader = connect(join(zimmer.app.config.dataDir, 'zimmer.db'), { readonly: true })
    for (const round of [1, 2]) {
      await zimmer.app.write(async (tx) => {
        for (let nth = 0; nth < 5; nth++) {
          const fact = { name: `filling ${nth}`, value: String(round).repeat(8 * 1_048_576) }
          await tx.insertInto('facts').values(fact).execute()
        }
      })
      expect(logPages(reader)).toBeGreaterThan(CHECKPOINT_FROM_PAGES)
      await zimmer.consume(alice, 1, `round-${round}`)
      expect(await zimmer.balance(alice)).toBe(100 - round)
      expect(
        await until(
          () => logPages(reader),
          (pages) => pages < 100,
        ),
      ).toBeLessThan(100)
      await zimmer.app.write((tx) => tx.deleteFrom('facts').where('name', 'like', 'filling %').execute())
    }
    reader.close()
  })
})
