import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Home } from '../../../test/program.ts'
import { Shell } from '../../../test/stripped.ts'
import { type DatabaseName, databases } from '../../../test/zimmer.ts'
import { outcomeText } from './text.commands.ts'
import { type Place, tune } from './tuning.ts'

const ROWS = 30_000

/** A database with a large table, of another program that sells automations. */
async function large(database: DatabaseName) {
  const home = await Home.on(database)
  const at = home.env.ZIMMER_DATABASE_URL ?? join(home.folder, 'large.db')
  const shell = new Shell(at)
  await shell.run(
    'create table automations (id integer primary key, name varchar(100))',
    `create table token_usage (id integer primary key, automation_id integer references automations (id),
      user_id integer, created_at integer)${database === 'postgres' ? ' with (autovacuum_enabled = off)' : ''}`,
    'create index ix_a on token_usage (user_id, created_at)',
    'create index ix_b on token_usage (user_id, created_at)',
    `insert into automations with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
      select i, 'a' || i from n`,
    `insert into token_usage with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
      select i, 1 + i % 500, i % 5000, i from n`,
  )
  const place: Place =
    database === 'sqlite' ? { dialect: 'sqlite', file: at } : { dialect: 'postgres', url: at }
  return {
    ...{ home, shell, place, at },
    examine: () => tune(place, { kind: 'examine' }),
    optimize: (wishes = {}) => tune(place, { kind: 'optimize', wishes: { nowMs: 1, ...wishes } }),
    undo: () => tune(place, { kind: 'undo' }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}

describe.each(databases)('what speaks for a finding on %s', (database) => {
  const KEY = 'foreign_key:token_usage.automation_id'

  test('of a foreign key is a look-up by its columns, before and after', async () => {
    await using at = await large(database)
    const seen = await at.examine()
    const asked = seen.questions.filter(({ finding }) => finding === KEY)
    expect(asked).toMatchObject([{ question: 'token_usage by automation_id', after: null }])
    expect(asked[0]?.before.plan.join()).toMatch(/SCAN token_usage|Seq Scan on token_usage/)
    const { questions } = await at.optimize({ only: KEY })
    const [after] = questions.filter(({ finding }) => finding === KEY)
    expect(after?.before.ms).toBeNumber()
    expect(after?.after?.ms).toBeNumber()
    expect(after?.after?.plan.join()).toContain('idx_token_usage_automation_id')
  })

  test('tried without changing anything has times of a copy, or says why it has none', async () => {
    await using at = await large(database)
    const outcome = await at.optimize({ only: KEY, dryRun: true })
    const [asked] = outcome.questions.filter(({ finding }) => finding === KEY)
    if (database === 'sqlite') {
      expect(outcome).toMatchObject({ rehearsed: 'rows', note: null })
      expect(asked?.after?.ms).toBeNumber()
    } else {
      expect(asked?.after).toBeNull()
      expect(outcome.note).toContain('PostgreSQL has no cheap copy')
      expect(outcomeText(outcome)).toContain('Before (PostgreSQL has no cheap copy')
    }
  })

  test('of an index to drop is the room that it takes', async () => {
    await using at = await large(database)
    const [needless] = (await at.examine()).findings.filter(({ id }) => id.startsWith('duplicate:'))
    expect(needless?.estimatedBytes).toBeLessThan(-100_000)
    const { steps } = await at.optimize({ only: needless?.id })
    expect(steps).toMatchObject([{ state: 'applied' }])
    // What was estimated is what comes free, about.
    expect((steps[0]?.bytes ?? 0) / (needless?.estimatedBytes ?? 0)).toBeWithin(0.4, 2.5)
  })
})

describe.each(databases)('applied to a real database and taken back on %s', (database) => {
  const idsOf = async (at: Awaited<ReturnType<typeof large>>) =>
    (await at.examine()).findings.map(({ id }) => id)

  test('statistics', async () => {
    await using at = await large(database)
    const before = await at.shell.schema()
    const analyzed = async () =>
      (await at.examine()).findings.every(({ id }) => id !== 'statistics:token_usage')
    expect(await analyzed()).toBe(false)
    const { steps } = await at.optimize({ only: 'statistics:token_usage' })
    expect(steps).toMatchObject([{ state: 'applied', error: null }])
    expect(await analyzed()).toBe(true)
    expect((await at.undo()).steps).toMatchObject([{ finding: 'statistics:token_usage', error: null }])
    expect(await at.shell.schema()).toEqual(before)
    // PostgreSQL has no way to forget statistics, and they do no harm.
    expect(await analyzed()).toBe(database === 'postgres')
  })

  test('a setting', async () => {
    await using at = await large(database)
    const isPostgres = database === 'postgres'
    if (isPostgres) {
      const [own] = await at.shell.all<{ name: string }>('select current_database() as name')
      await at.shell.run(`alter database ${own?.name} set work_mem = '1MB'`)
    }
    const before = await at.shell.schema()
    const id = isPostgres ? 'setting:work_mem' : 'setting:journal_mode'
    expect(await idsOf(at)).toContain(id)
    expect((await at.optimize({ only: id })).steps).toMatchObject([{ state: 'applied', error: null }])
    expect(await idsOf(at)).not.toContain(id)
    expect((await at.undo()).steps).toMatchObject([{ finding: id, error: null }])
    expect(await at.shell.schema()).toEqual(before)
    expect(await idsOf(at)).toContain(id)
  })

  test('a vacuum, of which there is nothing to take back', async () => {
    await using at = await large(database)
    const isPostgres = database === 'postgres'
    await at.shell.run(
      ...(isPostgres
        ? [`update token_usage set user_id = user_id + 1 where id <= ${ROWS - 1}`]
        : [
            'create table big (filling blob)',
            `insert into big with recursive n(i) as (select 1 union all select i + 1 from n where i < 70)
              select zeroblob(1000000) from n`,
            'drop table big',
          ]),
    )
    const id = isPostgres ? 'bloat:token_usage' : 'free_pages'
    // PostgreSQL counts dead rows a moment later.
    for (let tries = 0; tries < 100 && !(await idsOf(at)).includes(id); tries++) await Bun.sleep(100)
    const { steps } = await at.optimize({ only: id })
    expect(steps).toMatchObject([{ finding: id, state: 'applied', error: null }])
    for (let tries = 0; tries < 100 && (await idsOf(at)).includes(id); tries++) await Bun.sleep(100)
    expect(await idsOf(at)).not.toContain(id)
    if (!isPostgres) expect(statSync(at.at).size).toBeLessThan(20e6)
    expect((await at.undo()).steps).toMatchObject([{ finding: id, undo: [], error: null }])
    expect((await at.undo()).run).toBeNull()
  })
})

describe('on SQLite', () => {
  test('a log that has grown is brought in, unless somebody reads without end', async () => {
    await using at = await large('sqlite')
    const child = Bun.spawn(
      [
        process.execPath,
        '-e',
        `const database = new (require('bun:sqlite').Database)(process.argv[1])
        for (const sql of ['pragma journal_mode = wal', 'pragma wal_autocheckpoint = 0', 'create table big (filling blob)',
          'begin']) database.run(sql)
        for (let i = 0; i < 260; i++) database.run('insert into big values (zeroblob(1000000))')
        for (const sql of ['commit', 'begin']) database.run(sql)
        database.query('select count(*) from automations').get()
        console.log('held')
        for await (const _ of process.stdin) {
          database.run('commit')
          console.log('let go')
        }`,
        at.at,
      ],
      { stdin: 'pipe', stdout: 'pipe' },
    )
    try {
      const said = child.stdout.getReader()
      await said.read()
      const log = () => (existsSync(`${at.at}-wal`) ? statSync(`${at.at}-wal`).size : 0)
      expect(log()).toBeGreaterThan(256e6)
      expect((await at.examine()).findings.map(({ id }) => id)).toContain('wal')
      const refused = await at.optimize({ only: 'wal' })
      expect(refused.steps).toMatchObject([
        { state: 'failed', error: expect.stringContaining('another program') },
      ])
      child.stdin.write('go\n')
      await child.stdin.flush()
      await said.read()
      const { steps } = await at.optimize({ only: 'wal' })
      expect(steps).toMatchObject([{ finding: 'wal', state: 'applied', error: null }])
      expect(log()).toBeLessThan(1e6)
      expect((await at.examine()).findings.map(({ id }) => id)).not.toContain('wal')
    } finally {
      child.kill('SIGKILL')
      await child.exited
    }
  })

  test('a dry run that is interrupted leaves no copy behind', async () => {
    await using at = await large('sqlite')
    const { TMPDIR } = process.env
    process.env.TMPDIR = at.home.folder
    const copies = () => readdirSync(at.home.folder).filter((name) => name.startsWith('zimmer-rehearsal-'))
    const controller = new AbortController()
    const running = tune(
      at.place,
      { kind: 'optimize', wishes: { dryRun: true, nowMs: 1 } },
      { signal: controller.signal },
    ).catch(() => {})
    for (let tries = 0; tries < 2_000 && copies().length === 0; tries++) await Bun.sleep(1)
    controller.abort()
    await running
    expect(copies()).toEqual([])
    process.env.TMPDIR = TMPDIR ?? '/tmp'
  })
})
