import { describe, expect, test } from 'bun:test'
import { SQL } from 'bun'
import { sql } from 'kysely'
import { startPostgres } from '../../scripts/postgres.ts'
import { until } from '../../test/until.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { auditLedger } from '../ledger/audit.ts'
import { migratePostgres } from './migrate.ts'
import { openPostgres, type PostgresStorage } from './postgres.ts'

const poolOf = ({ app }: TestZimmer) => (app.storage as PostgresStorage).pool

/** Somebody else's transaction, which holds what its statement locks until it is disposed of. */
async function holding({ app }: TestZimmer, statement: string) {
  const other = new SQL({ url: app.config.databaseUrl as string, max: 1 })
  const connection = await other.reserve()
  await connection.unsafe('begin')
  await connection.unsafe(statement)
  let isHeld = true
  const release = async () => {
    if (!isHeld) return
    isHeld = false
    await connection.unsafe('rollback')
    connection.release()
    await other.close()
  }
  return { release, [Symbol.asyncDispose]: release }
}

/** A node whose last beat is late says that it is degraded, and is right. */
async function healthOf({ anyone }: TestZimmer): Promise<string> {
  const status = async () => (await anyone.get('/health')).body.status
  return until(status, (seen) => seen === 'healthy')
}

const fails = (state: string) => sql.raw(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`)

describe.skipIf(!databases.includes('postgres'))('PostgreSQL', () => {
  test('who waits too long for a lock is told to come back, writing and reading', async () => {
    await using zimmer = await testZimmer('postgres', { timeouts: { lockTimeoutMs: 100 } })
    const [alice, manager] = [await zimmer.user(), await zimmer.as('manager')]
    const requests = {
      write: () => alice.client.put('/api/user/profile', { name: 'Alice' }),
      // By a statement by hand, and by a built one.
      read: () => alice.client.get('/api/me'),
      list: () => manager.get('/api/admin/users'),
    }
    await using held = await holding(zimmer, `select 1 from users where id = ${alice.userId} for update`)
    const refused = { status: 503, body: { code: 'storage_busy' } }
    const reply = await requests.write()
    expect(reply).toMatchObject(refused)
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(reply.text).not.toContain('lock')
    expect((await requests.read()).status).toBe(200)
    await held.release()
    await using _ = await holding(zimmer, 'lock table users in access exclusive mode')
    zimmer.app.caches.versions.bumpAll()
    expect(await requests.read()).toMatchObject(refused)
    expect(await requests.list()).toMatchObject(refused)
  })

  const STATES = ['08006', '53300', '55P03', '57014', '57P01', '25P03']
  test.each(STATES)('state %s is a refusal, in a read and in a write', async (state) => {
    await using zimmer = await testZimmer('postgres')
    const { app } = zimmer
    const refusal = { kind: 'overloaded', code: 'storage_busy' }
    const reads = [
      () => fails(state).execute(app.db),
      () => app.storage.statement('fails', fails(state).compile(app.db).sql)(),
    ]
    await expect(app.write((tx) => fails(state).execute(tx))).rejects.toMatchObject(refusal)
    for (const read of reads) {
      await expect(read()).rejects.toMatchObject(refusal)
      expect(app.storage.answersNow()).toBe(!/^(08|57P)/.test(state))
      await sql`select 1`.execute(app.db)
      expect(app.storage.answersNow()).toBe(true)
    }
  })

  test('one that stops is seen at once, whatever was cached', async () => {
    const server = await startPostgres()
    try {
      await using zimmer = await testZimmer('postgres', { server })
      const { client } = await zimmer.user()
      // As if only the pool were cut off: the heartbeat of the caches notices nothing.
      zimmer.app.caches.isTrusted = () => true
      const health = () => zimmer.anyone.get('/health')
      for (let i = 0; i < 2; i++) expect(await healthOf(zimmer)).toBe('healthy')
      await server.stop()
      expect(await client.put('/api/user/profile', { name: 'A' })).toMatchObject({ status: 503 })
      expect(await health()).toMatchObject({ status: 503, body: { status: 'unhealthy' } })
      expect((await zimmer.anyone.get('/readyz')).status).toBe(503)
    } finally {
      await server.stop()
    }
  })

  test('a statement is prepared also without parameters; a usual limit is part of it, another is not', async () => {
    await using zimmer = await testZimmer('postgres')
    const prepared = await zimmer.app.write(async (tx) => {
      const audit = tx.selectFrom('audit_log').select('id')
      for (const limit of [21, 22, 21, 23]) await audit.limit(limit).execute()
      await audit.where('id', '=', 1).limit(21).execute()
      const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements
        where statement like 'select "id" from "audit_log"%'`.execute(tx)
      return rows.map(({ statement }) => statement.slice(statement.indexOf('"audit_log"')))
    })
    expect(prepared.sort()).toEqual([
      '"audit_log" limit $1',
      '"audit_log" limit 21',
      '"audit_log" where "id" = $1 limit 21',
    ])
  })

  test('a connection that was cut is replaced', async () => {
    await using zimmer = await testZimmer('postgres')
    const { client } = await zimmer.user()
    await using cut = await holding(zimmer, CUT)
    await cut.release()
    const write = async () => (await client.put('/api/user/profile', { name: 'A' })).status
    expect(await until(write, (status) => status === 200)).toBe(200)
    expect(zimmer.app.storage.answersNow()).toBe(true)
    expect(await healthOf(zimmer)).toBe('healthy')
  })

  test('a pool that is all in use is no dead database', async () => {
    await using zimmer = await testZimmer('postgres')
    const pool = poolOf(zimmer)
    const taken = await Promise.all(Array.from({ length: 10 }, () => pool.reserve()))
    const database = async () => (await zimmer.anyone.get('/health')).body.checks.database
    expect(await until(database, (seen) => seen === 'ok')).toBe('ok')
    const ready = async () => (await zimmer.anyone.get('/readyz')).status
    expect(await until(ready, (status) => status === 200)).toBe(200)
    for (const client of taken) pool.release(client)
  })

  test('statements that wait for a connection are counted, and how long the first has', async () => {
    await using zimmer = await testZimmer('postgres')
    const { storage, metrics } = zimmer.app
    const slow = storage.statement('slow', 'select pg_advisory_xact_lock_shared(7)')
    await using held = await holding(zimmer, 'select pg_advisory_xact_lock(7)')
    expect(metrics.storage).toMatchObject({ poolInUse: 0, poolWaiting: 0 })
    const all = times(25, () => slow())
    expect(metrics.storage).toMatchObject({ poolInUse: 10, poolWaiting: 15 })
    await Bun.sleep(20)
    expect(metrics.storage.waitMs()).toBeGreaterThan(0)
    await held.release()
    await all
    expect(metrics.storage).toMatchObject({ poolInUse: 0, poolWaiting: 0 })
    expect(metrics.storage.waitMs()).toBe(0)
  })

  // Long enough for the statements of a start on a slow machine, and shorter than what is held here.
  const HASTY = { statementTimeoutMs: 1_500, lockTimeoutMs: 1_000 }
  const HELD_MS = 2_000

  test('a migration waits for the one before it as long as that takes', async () => {
    await using zimmer = await testZimmer('postgres')
    const storage = openPostgres(
      zimmer.app.config.databaseUrl as string,
      { now: Date.now, touched() {} },
      HASTY,
    )
    const held = await holding(zimmer, `select pg_advisory_xact_lock(${0x5a494d4d})`)
    const migrated = migratePostgres(storage.sql, Date.now())
    await Bun.sleep(HELD_MS)
    await held.release()
    expect((await migrated).pending).toEqual([])
    await storage.close()
  })

  test('an audit takes the time that it needs', async () => {
    await using zimmer = await testZimmer('postgres', { timeouts: HASTY })
    const held = await holding(zimmer, 'lock table lots in access exclusive mode')
    const audited = auditLedger(zimmer.app.db)
    await Bun.sleep(HELD_MS)
    await held.release()
    expect((await audited).failures).toEqual([])
  })
})

const CUT = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'zimmer'`
