import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../test/until.ts'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import type { App } from '../app.ts'
import { sha256 } from '../lib/secret.ts'
import type { Tables } from '../storage/tables.ts'

const DAY_MS = 86_400_000
const SHAPE = /^zst_([0-9a-f]{8})_[\w-]{43}$/
const tokensOf = (automationId: number) => `/api/admin/automations/${automationId}`

/** 404 for a live token (there is no such subscription), 401 for any other. */
const tryOut = async (zimmer: TestZimmer, serviceToken: string) => {
  const path = '/api/automation-usage/balance?user_automation_id=12345'
  return (await zimmer.service({ serviceToken }).get(path)).status
}

describe.each(databases)('POST …/generate-service-token on %s', (database) => {
  test('it works, and shows the token once', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.user('manager')
    const path = `${tokensOf(automationId)}/generate-service-token`
    const { status, body } = await manager.client.post(path, {})
    expect(status).toBe(201)
    const [, prefix] = SHAPE.exec(body.service_token)!
    expect(body).toMatchObject({ prefix: prefix!, automation_id: automationId, scopes: ['consume'] })
    expect(await tryOut(zimmer, body.service_token)).toBe(404)
    const list = await manager.client.get(`${tokensOf(automationId)}/service-tokens`)
    expect(list.text).not.toContain(body.service_token.slice(13))
    expect(list.text).not.toContain(sha256(body.service_token))
    expect(list.body.service_tokens[0]).toEqual({
      id: body.token_id,
      prefix,
      scopes: ['consume'],
      is_live: true,
      created_by: manager.userId,
      created_at: expect.any(String),
      last_used_at: null,
      expires_at: null,
      revoked_at: null,
    })
  })

  test('the token itself is nowhere in the database, nor in the trail', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const issued = [
      (await manager.post(`${tokensOf(automationId)}/generate-service-token`, {})).body.service_token,
      (await manager.post(`${tokensOf(automationId)}/rotate-token`, {})).body.service_token,
    ]
    const everything = await dump(zimmer)
    for (const token of issued) {
      expect(everything).toContain(sha256(token))
      expect(everything).not.toContain(token.slice(13))
      expect(everything).not.toContain(Buffer.from(token.slice(13)).toString('base64url').slice(2, -2))
    }
  })

  test('bad input is refused', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const path = `${tokensOf(automationId)}/generate-service-token`
    for (const body of [{ scopes: [] }, { scopes: ['root'] }, { scopes: ['consume', 'consume'] }, { x: 1 }]) {
      expect((await manager.post(path, body)).status).toBe(422)
    }
    expect((await manager.post(`${tokensOf(12345)}/generate-service-token`, {})).status).toBe(404)
  })
})

/** All rows of all tables as text and, on SQLite, all bytes of its files. */
async function dump({ app }: TestZimmer) {
  const tables = ['automations', 'service_tokens', 'facts', 'audit_log', 'jobs'] satisfies (keyof Tables)[]
  const rows = await Promise.all(tables.map((table) => app.db.selectFrom(table).selectAll().execute()))
  const files = app.config.databaseUrl ? [] : readdirSync(app.config.dataDir).filter((n) => n.includes('.db'))
  const bytes = files.map((name) => readFileSync(join(app.config.dataDir, name), 'latin1'))
  return [JSON.stringify(rows), ...bytes].join('\n')
}

describe.each(databases)('POST …/rotate-token on %s', (database) => {
  test('the old tokens work through the overlap, and not a moment longer', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken: old } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    zimmer.clock.stop()
    expect(await tryOut(zimmer, old)).toBe(404)
    const { status, body } = await manager.post(`${tokensOf(automationId)}/rotate-token`, {
      overlap_seconds: 60,
    })
    expect(status).toBe(201)
    expect(body.ending_token_ids).toHaveLength(1)
    expect(await tryOut(zimmer, old)).toBe(404)
    zimmer.clock.advance(59_000)
    expect(await tryOut(zimmer, old)).toBe(404)
    zimmer.clock.advance(1_001)
    expect(await tryOut(zimmer, old)).toBe(401)
    expect(await tryOut(zimmer, body.service_token)).toBe(404)
  })

  test('the overlap is a day unless given, and 0 ends the old ones at once', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken: first } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const path = `${tokensOf(automationId)}/rotate-token`
    const second = (await manager.post(path, {})).body
    const overlap = Date.parse(second.ending_at) - zimmer.clock.now()
    expect(overlap).toBeGreaterThan(DAY_MS - 60_000)
    expect(overlap).toBeLessThanOrEqual(DAY_MS)
    expect(await tryOut(zimmer, first)).toBe(404)
    const third = (await manager.post(path, { overlap_seconds: 0 })).body
    expect(third.ending_token_ids).toHaveLength(2)
    expect(await tryOut(zimmer, first)).toBe(401)
    expect(await tryOut(zimmer, second.service_token)).toBe(401)
    expect(await tryOut(zimmer, third.service_token)).toBe(404)
  })

  test('a later rotation never lengthens an overlap', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken: old } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const path = `${tokensOf(automationId)}/rotate-token`
    await manager.post(path, { overlap_seconds: 10 })
    await manager.post(path, { overlap_seconds: 2_592_000 })
    zimmer.clock.advance(10_001)
    expect(await tryOut(zimmer, old)).toBe(401)
  })

  test('of ten at once without overlap one token is left', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const path = `${tokensOf(automationId)}/rotate-token`
    const replies = await times(10, () => manager.post(path, { overlap_seconds: 0 }))
    expect(count(replies, 201)).toBe(10)
    const statuses = await Promise.all(replies.map((reply) => tryOut(zimmer, reply.body.service_token)))
    expect(statuses.filter((status) => status === 404)).toHaveLength(1)
    const { body } = await manager.get(`${tokensOf(automationId)}/service-tokens`)
    expect(body.service_tokens.filter((token: { is_live: boolean }) => token.is_live)).toHaveLength(1)
  })

  test('bad input is refused', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    for (const overlap_seconds of [-1, 2_592_001, 1.5, '60', null]) {
      const reply = await manager.post(`${tokensOf(automationId)}/rotate-token`, { overlap_seconds })
      expect(reply.status).toBe(422)
    }
    expect((await manager.post(`${tokensOf(12345)}/rotate-token`, {})).status).toBe(404)
  })
})

describe.each(databases)('DELETE …/service-tokens/{id} on %s', (database) => {
  test('a revoked token is refused on the next request', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId, serviceToken } = await zimmer.automation()
    const other = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const list = `${tokensOf(automationId)}/service-tokens`
    const [token] = (await manager.get(list)).body.service_tokens
    expect(await tryOut(zimmer, serviceToken)).toBe(404)
    expect((await manager.delete(`${tokensOf(other.automationId)}/service-tokens/${token.id}`)).status).toBe(
      404,
    )
    expect((await manager.delete(`${list}/${token.id}`)).status).toBe(200)
    expect(await tryOut(zimmer, serviceToken)).toBe(401)
    expect(await tryOut(zimmer, other.serviceToken)).toBe(404)
    expect((await manager.delete(`${list}/${token.id}`)).status).toBe(404)
    const [revoked] = (await manager.get(list)).body.service_tokens
    expect(revoked).toMatchObject({ is_live: false, revoked_at: expect.any(String) })
    expect((await manager.delete(`${list}/0`)).status).toBe(422)
  })

  test('each step is in the trail, by whom', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    const manager = await zimmer.user('manager')
    const { client } = manager
    await client.post(`${tokensOf(automationId)}/generate-service-token`, {})
    const { token_id } = (await client.post(`${tokensOf(automationId)}/rotate-token`, {})).body
    await client.delete(`${tokensOf(automationId)}/service-tokens/${token_id}`)
    const trail = await zimmer.app.db.selectFrom('audit_log').selectAll().orderBy('id').execute()
    expect(trail.map((entry) => [entry.action, entry.staff_id, entry.target_id])).toEqual(
      ['generate', 'rotate', 'revoke'].map((verb) => [
        `automation.${verb}_service_token`,
        manager.userId,
        automationId,
      ]),
    )
  })
})

describe.each(databases)('GET …/service-tokens on %s', (database) => {
  test('it pages, newest first', async () => {
    await using zimmer = await testZimmer(database)
    const { automationId } = await zimmer.automation()
    await zimmer.automation()
    const manager = await zimmer.as('manager')
    for (let i = 0; i < 4; i++) await manager.post(`${tokensOf(automationId)}/generate-service-token`, {})
    const list = `${tokensOf(automationId)}/service-tokens?limit=2`
    const ids: number[] = []
    let cursor: string | null = null
    do {
      const { body } = await manager.get(cursor ? `${list}&cursor=${cursor}` : list)
      ids.push(...body.service_tokens.map((token: { id: number }) => token.id))
      cursor = body.next_cursor
    } while (cursor)
    expect(ids).toHaveLength(5)
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect((await manager.get(`${list}&cursor=x`)).status).toBe(422)
    expect((await manager.get(`${tokensOf(12345)}/service-tokens`)).status).toBe(404)
  })

  test('it says when a token was last used, without a request waiting for it', async () => {
    let gate = Promise.resolve()
    const prepare = async (app: App) => {
      const { write } = app
      app.write = async (work) => {
        await gate
        return write(work)
      }
    }
    await using zimmer = await testZimmer(database, { prepare })
    const { automationId, serviceToken } = await zimmer.automation()
    const manager = await zimmer.as('manager')
    const lastUse = async () =>
      (await manager.get(`${tokensOf(automationId)}/service-tokens`)).body.service_tokens[0].last_used_at
    const held = Promise.withResolvers<void>()
    gate = held.promise
    await times(20, () => tryOut(zimmer, serviceToken))
    expect(await lastUse()).toBeNull()
    held.resolve()
    const first = await until(lastUse)
    expect(first).toBeString()
    zimmer.clock.advance(30_000)
    await tryOut(zimmer, serviceToken)
    await Bun.sleep(1_200)
    expect(await lastUse()).toBe(first)
    zimmer.clock.advance(31_000)
    await tryOut(zimmer, serviceToken)
    expect(await until(lastUse, (seen) => seen !== first)).not.toBe(first)
  })
})
