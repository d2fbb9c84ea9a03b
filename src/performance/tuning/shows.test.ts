import { describe, expect, test } from 'bun:test'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Home } from '../../../test/program.ts'
import { Shell } from '../../../test/stripped.ts'
import { databases } from '../../../test/zimmer.ts'

interface Seen {
  id?: string
  problem: string
}

const shellOf = (home: Home) => new Shell(home.env.ZIMMER_DATABASE_URL ?? join(home.folder, 'data/zimmer.db'))

const PASSWORD = { stdin: 'correct horse battery staple\n' }
const BOSS = ['admin', 'create', '--email', 'boss@example.com', '--name', 'Boss', '--password-stdin']

/** The tests' PostgreSQL may lose data in a power cut, and the doctor sees it. */
const isOfTheServer = ({ id = '' }: Seen) => ['setting:fsync', 'setting:full_page_writes'].includes(id)

async function doctor(home: Home) {
  const { code, out } = await home.run(['doctor', '--json'])
  const { findings } = JSON.parse(out) as { findings: Seen[] }
  return { code, findings: findings.filter((finding) => !isOfTheServer(finding)) }
}

describe.each(databases)('a database stripped of its indexes, with default pragmas, on %s', (database) => {
  test('the doctor finds every item, optimize mends it, the doctor is silent, --undo restores', async () => {
    await using home = await Home.on(database)
    await home.run(BOSS, PASSWORD)
    const shell = shellOf(home)
    await shell.fill()
    const indexes = await shell.strip()
    expect(indexes.length).toBeGreaterThan(20)
    const stripped = await shell.schema()

    const missing = indexes.map((name) => `missing:${name}`)
    const items = database === 'sqlite' ? [...missing, 'setting:journal_mode'] : missing
    const before = await doctor(home)
    expect(before.code).toBe(1)
    expect(before.findings.map(({ id }) => id).sort()).toEqual(items.sort())

    const dry = await home.run(['optimize', '--dry-run'])
    expect(dry.code).toBe(0)
    for (const name of indexes) expect(dry.out).toContain(name)
    expect(await shell.schema()).toEqual(stripped)

    const { code, out } = await home.run(['optimize'])
    expect(code).toBe(0)
    expect(out).toContain('Before and after')
    const full = database === 'sqlite' ? 'SCAN users' : 'Seq Scan on users'
    expect(out).toMatch(new RegExp(`user by e-mail +${full} .*idx_users_email`))

    const after = await doctor(home)
    expect(after.findings).toEqual([])
    expect((await home.run(['optimize'])).out).toContain('Nothing to mend')

    expect((await home.run(['optimize', '--undo'])).code).toBe(0)
    expect(await shell.schema()).toEqual(stripped)
    expect((await doctor(home)).findings.map(({ id }) => id).sort()).toEqual(items)
    expect((await home.run(['optimize', '--undo'])).out).toContain('nothing to take back')
  })

  test('the doctor leaves the file as it was, to the byte and to the time', async () => {
    await using home = await Home.on(database)
    await home.run(BOSS, PASSWORD)
    const shell = shellOf(home)
    await shell.strip()
    if (database === 'postgres') return
    const seen = () => ({
      bytes: Bun.hash(readFileSync(shell.place)),
      changedAt: statSync(shell.place).mtimeMs,
    })
    const before = seen()
    await home.run(['doctor'])
    await home.run(['doctor', '--database', shell.place])
    await home.run(['optimize', '--dry-run'])
    expect(seen()).toEqual(before)
  })

  test('--only mends one thing, and the report is JSON when asked', async () => {
    await using home = await Home.on(database)
    await home.run(BOSS, PASSWORD)
    const shell = shellOf(home)
    await shell.strip()
    const { code, out } = await home.run(['optimize', '--only', 'idx_users_email', '--json'])
    expect(code).toBe(0)
    const { steps, run } = JSON.parse(out)
    expect({
      run,
      done: steps.map(({ finding, state }: Record<string, string>) => [finding, state]),
    }).toEqual({
      run: 1,
      done: [['missing:idx_users_email', 'applied']],
    })
    expect((await shell.schema()).join('\n')).toMatch(/unique index idx_users_email on/i)
    const unknown = await home.run(['optimize', '--only', 'idx_nothing'])
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('idx_nothing') })
  })
})

describe('an optimize that is interrupted', () => {
  test('wherever that is leaves a whole database, and the next run does the rest', async () => {
    await using home = await Home.on('sqlite')
    const file = join(home.folder, 'large.db')
    const shell = new Shell(file)
    await shell.run(
      'create table token_usage (id integer primary key, user_id integer, created_at integer)',
      `insert into token_usage with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)
        select i, abs(random()) % 5000, abs(random()) from n`,
    )
    const before = await shell.schema()
    const command = ['optimize', '--database', file]
    for (const afterMs of [400, 800, 1_200]) {
      const { code, out, err } = await home.interrupt(command, afterMs)
      // On a busy machine the signal may come before it listens for one.
      if (code !== 0 && code !== 130) expect(out + err).toMatch(/interrupted/i)
      expect(await shell.all('pragma quick_check')).toEqual([{ quick_check: 'ok' }])
    }
    expect((await home.run(command)).code).toBe(0)
    expect(await home.run(['doctor', '--database', file])).toMatchObject({ code: 0 })
    while (!(await home.run([...command, '--undo'])).out.includes('nothing to take back'));
    expect(await shell.schema()).toEqual(before)
  })
})

describe.each(databases)('beside a running server on %s', (database) => {
  test('optimize mends, and the server goes on', async () => {
    await using home = await Home.on(database)
    await home.run(BOSS, PASSWORD)
    const server = await home.serve()
    await shellOf(home).run('drop index idx_sessions_user_id')
    const { code, err } = await home.run(['optimize'])
    expect(code).toBe(0)
    if (database === 'sqlite') expect(err).toContain('A Zimmer serves this database and goes on')
    const login = { email: 'boss@example.com', password: 'correct horse battery staple' }
    const { status, body } = await server.client.post('/api/auth/login', login)
    expect(status).toBe(200)
    const sessions = await server.client.get('/api/auth/sessions', {
      authorization: `Bearer ${body.access_token}`,
    })
    expect(sessions.status).toBe(200)
    expect((await doctor(home)).findings).toEqual([])
    expect(await server.stop()).toBe(0)
  })
})

describe('wrong usage', () => {
  test.each([
    [['optimize', '--undo', '--dry-run']],
    [['optimize', '--nonsense']],
    [['doctor', '--database', 'mysql://localhost/x']],
    [['optimize', '--only']],
  ])('%p ends with 2', async (args) => {
    await using home = new Home()
    expect((await home.run(args)).code).toBe(2)
  })
})
