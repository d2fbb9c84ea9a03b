import { describe, expect, test } from 'bun:test'
import { gateJournal } from '../../test/journal-gate.ts'
import { CONSUME, type TestCustomer, testZimmer } from '../../test/zimmer.ts'

const event = ({ userAutomationId }: TestCustomer, key: string, meta?: object) => ({
  user_automation_id: userAutomationId,
  units: 1,
  usage_type: 'test',
  idempotency_key: key,
  ...(meta && { meta }),
})

describe('groups of consumes on SQLite', () => {
  test('a batch that repeats an old key at its end is answered when its new events are on disk', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 10 })
    await zimmer.consume(alice, 1, 'old')
    const written = Promise.withResolvers<void>()
    gateJournal(zimmer, () => written.promise)
    let isAnswered = false
    const reply = zimmer
      .service(alice)
      .post(`${CONSUME}/batch`, { events: [event(alice, 'new'), event(alice, 'old')] })
      .finally(() => {
        isAnswered = true
      })
    await Bun.sleep(100)
    expect(isAnswered).toBe(false)
    written.resolve()
    const { results } = (await reply).body
    expect(results.map((result: { accepted: boolean }) => result.accepted)).toEqual([true, true])
    expect(await zimmer.balance(alice)).toBe(8)
  })

  test('of a batch in several groups each event is told what became of its own', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 5_000 })
    let writes = 0
    gateJournal(zimmer, async () => {
      if (++writes === 2) throw new Error('EIO')
    })
    const events = Array.from({ length: 1_000 }, (_, i) => event(alice, `k${i}`))
    const { status, body } = await zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    gateJournal(zimmer, null)
    expect(status).toBe(200)
    const accepted = body.results.filter((result: { accepted: boolean }) => result.accepted).length
    expect(accepted).toBeGreaterThan(0)
    expect(accepted).toBeLessThan(1_000)
    const refused = body.results.find((result: { accepted: boolean }) => !result.accepted)
    expect(refused).toMatchObject({ usage_id: null, message: expect.stringContaining('nothing was spent') })
    expect(await zimmer.balance(alice)).toBe(5_000 - accepted)
    const again = await zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    expect(again.body.results.every((result: { accepted: boolean }) => result.accepted)).toBe(true)
    expect(await zimmer.balance(alice)).toBe(4_000)
  })

  test('a batch of which the disk took nothing is refused as a whole', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 10 })
    gateJournal(zimmer, () => Promise.reject(new Error('EIO')))
    const events = [event(alice, 'a'), event(alice, 'b')]
    const reply = await zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    expect(reply.status).toBe(507)
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test('when the ledger is behind a batch is refused with nothing of it spent, and what was waiting is not', async () => {
    await using zimmer = await testZimmer('sqlite')
    const alice = await zimmer.customer({ paidTokens: 1_000_000 })
    const written = Promise.withResolvers<void>()
    gateJournal(zimmer, () => written.promise)
    const meta = { text: 'x'.repeat(1_900) }
    const send = (nth: number) => {
      const events = Array.from({ length: 1_000 }, (_, i) => event(alice, `${nth}-${i}`, meta))
      return zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    }
    const replies = Array.from({ length: 8 }, (_, nth) => send(nth))
    // Who is refused is told at once, and nobody else before it is written.
    expect((await Promise.race(replies)).status).toBe(503)
    written.resolve()
    const statuses = (await Promise.all(replies)).map((reply) => reply.status)
    const accepted = statuses.filter((status) => status === 200).length
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect(await zimmer.balance(alice)).toBe(1_000_000 - 1_000 * accepted)
    const rows = await zimmer.app.db.selectFrom('token_usage').select('id').execute()
    expect(rows).toHaveLength(1_000 * accepted)
  })
})
