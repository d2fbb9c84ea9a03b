import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer, times } from '../../test/zimmer.ts'
import type { Incoming } from '../http/incoming.ts'
import { service } from './callers.ts'

const BALANCE = '/api/automation-usage/balance?user_automation_id=1'

const showing = (token: string | null) =>
  ({ header: (name: string) => (name === 'x-zimmer-service-token' ? token : null) }) as Incoming

describe.each(databases)('X-Zimmer-Service-Token on %s', (database) => {
  test('a missing, malformed, unknown and revoked token are refused alike', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken } = await zimmer.automation()
    await zimmer.app.write(async (tx) => {
      await tx.updateTable('service_tokens').set({ revoked_at: tx.now }).execute()
      tx.touch('service-tokens')
    })
    const replies = [await zimmer.anyone.get(BALANCE)]
    const unknown = `${serviceToken.slice(0, -1)}${serviceToken.endsWith('A') ? 'B' : 'A'}`
    for (const token of ['x', `Bearer ${serviceToken}`, 'x'.repeat(5_000), unknown, serviceToken, '%00']) {
      replies.push(await zimmer.service({ serviceToken: token }).get(BALANCE))
    }
    for (const { status, body } of replies) {
      expect(status).toBe(401)
      expect(body.code).toBe('invalid_service_token')
      expect({ ...body, requestId: '' }).toEqual({ ...replies[0]!.body, requestId: '' })
    }
    expect(automationId).toBeGreaterThan(0)
  })

  test('it says whose token it is', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken } = await zimmer.automation()
    const caller = await service(zimmer.app, 'consume').resolve(showing(serviceToken))
    expect(caller).toMatchObject({ automationId, serviceTokenId: expect.any(Number), scopes: ['consume'] })
  })

  test('a token without the scope is forbidden', async () => {
    await using zimmer = await testZimmer(database)
    const { serviceToken } = await zimmer.automation()
    await zimmer.app.write((tx) => tx.updateTable('service_tokens').set({ scopes: 'other' }).execute())
    const { status, body } = await zimmer.service({ serviceToken }).get(BALANCE)
    expect([status, body.code]).toEqual([403, 'scope_missing'])
  })

  test('looks that come at once share one', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { serviceToken } = await zimmer.automation()
    const rule = service(zimmer.app, 'consume')
    const looks = () => times(20, async () => rule.resolve(showing(serviceToken)))
    expect(await statements.during(looks)).toHaveLength(1)
  })
})

describe('X-Zimmer-Service-Token on sqlite', () => {
  test('a known token is answered without a promise and without a statement', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer('sqlite', { onStatement: statements.seen })
    const { automationId, serviceToken } = await zimmer.automation()
    const rule = service(zimmer.app, 'consume')
    expect(rule.resolve(showing(serviceToken))).toBeInstanceOf(Promise)
    await rule.resolve(showing(serviceToken))
    const look = async () => {
      expect(rule.resolve(showing(serviceToken))).toMatchObject({ automationId })
      // Rules made for other routes of the same App know it, too.
      expect(service(zimmer.app, 'consume').resolve(showing(serviceToken))).toMatchObject({ automationId })
    }
    expect(await statements.during(look)).toEqual([])
    zimmer.clock.advance(300_001)
    expect(rule.resolve(showing(serviceToken))).toBeInstanceOf(Promise)
  })

  test('guesses are not kept', async () => {
    await using zimmer = await testZimmer('sqlite')
    const rule = service(zimmer.app, 'consume')
    const guess = `zst_00000000_${'x'.repeat(43)}`
    for (let i = 0; i < 2; i++) {
      const look = rule.resolve(showing(guess))
      expect(look).toBeInstanceOf(Promise)
      expect(look as Promise<unknown>).rejects.toThrow('A live service token')
    }
  })
})
