import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import { Home } from './program.ts'
import { databases } from './zimmer.ts'

/** As somebody with a database shell could. */
async function execute(home: Home, statement: string) {
  const url = home.env.ZIMMER_DATABASE_URL
  if (!url) return void new Database(join(home.folder, 'data/zimmer.db')).run(statement)
  const sql = new SQL({ url, max: 1 })
  await sql.unsafe(statement)
  await sql.close()
}

const PASSWORD = { stdin: 'correct horse battery staple\nnot read\n' }
const create = (email: string) => ['admin', 'create', '--email', email, '--name', 'Boss', '--password-stdin']

describe.each(databases)('the commands on %s', (database) => {
  test('admin create makes a manager beside a running server', async () => {
    await using home = await Home.on(database)
    const server = await home.serve()
    expect(await home.run(create('Boss@Example.com'), PASSWORD)).toMatchObject({ code: 0, err: '' })
    const login = { email: 'boss@example.com', password: 'correct horse battery staple' }
    const { status, body } = await server.client.post('/api/auth/login', login)
    expect({ status, role: body.user?.role }).toEqual({ status: 200, role: 'manager' })
  })

  test('admin create refuses a taken email, a bad one, and a short password', async () => {
    await using home = await Home.on(database)
    await home.run(create('boss@example.com'), PASSWORD)
    expect((await home.run(create('boss@example.com'), PASSWORD)).code).toBe(1)
    expect((await home.run(create('boss'), PASSWORD)).code).toBe(2)
    expect(await home.run(create('b@example.com'), { stdin: 'short\n' })).toMatchObject({
      code: 2,
      err: 'zimmer: password: must have 8 to 128 characters\n',
    })
    expect((await home.run(create('b@example.com'))).code).toBe(2)
  })

  test('doctor finds nothing wrong in the database once there is a manager', async () => {
    await using home = await Home.on(database)
    await home.run(create('boss@example.com'), PASSWORD)
    const { code, out } = await home.run(['doctor', '--json'], {
      env: { ZIMMER_METRICS_TOKEN: 'a token for metrics' },
    })
    const report = JSON.parse(out)
    // The tests' PostgreSQL may lose data in a power cut, and the doctor sees it.
    const unsafe = database === 'postgres' ? ['fsync is off', 'full_page_writes is off'] : []
    expect(report.findings.map(({ problem }: { problem: string }) => problem)).toEqual(
      unsafe.map((name) => `${name} instead of on`),
    )
    expect(code).toBe(unsafe.length > 0 ? 1 : 0)
    expect(report.database.indexes).toHaveLength(11)
    expect(report.configuration.ZIMMER_METRICS_TOKEN).toBe('••••')
    expect(out).not.toContain('a token for metrics')
    expect((await home.run(['doctor'])).out).toContain('idx_sessions_expires_at')
  })

  test('a database of a newer Zimmer is left alone', async () => {
    await using home = await Home.on(database)
    await home.run(['migrate'])
    await execute(home, `insert into migrations values ('9999_tomorrow', 1)`)
    for (const args of [['serve'], ['migrate'], ['audit']]) {
      const { code, err } = await home.run(args)
      expect(code).toBe(1)
      expect(err).toMatch(/^zimmer: .*9999_tomorrow.*newer.*\n$/)
    }
    expect(await home.run(['migrate', '--status'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('unknown  9999_tomorrow'),
    })
    expect((await home.run(['doctor'])).out).toContain('run the newer Zimmer that made it')
  })

  test('a database of another program is left alone', async () => {
    await using home = await Home.on(database)
    mkdirSync(join(home.folder, 'data'))
    await execute(home, 'create table users (id integer)')
    const file = join(home.folder, 'data/zimmer.db')
    const bytes = () => (existsSync(file) ? readFileSync(file).toString('hex') : '')
    const before = bytes()
    for (const args of [
      ['serve'],
      ['migrate'],
      ['migrate', '--status'],
      ['audit'],
      create('b@example.com'),
    ]) {
      const { code, err } = await home.run(args, PASSWORD)
      expect(code).toBe(1)
      expect(err).toMatch(/^zimmer: .*another program.*\n$/)
    }
    expect(await home.run(['doctor'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('another program'),
    })
    expect(bytes()).toBe(before)
  })

  test('audit proves the balances, and says which one is off by how much', async () => {
    await using home = await Home.on(database)
    await home.run(['migrate'])
    expect(await home.run(['audit'])).toMatchObject({ code: 0, out: expect.stringContaining('right') })
    await execute(
      home,
      `insert into lots (user_automation_id, kind, tokens, remaining, priority, created_at)
       values (7, 'paid', 100, 93, 30, 1)`,
    )
    const { code, out } = await home.run(['audit', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).failures).toMatchObject([{ user_automation_id: 7, difference: 7 }])
    expect((await home.run(['audit'])).out).toContain('off by')
  })
})

describe('where there is no database', () => {
  test('doctor, audit and migrate --status say so and make none', async () => {
    await using home = new Home()
    expect(await home.run(['doctor'])).toMatchObject({ code: 1, out: expect.stringContaining('no database') })
    expect(await home.run(['audit'])).toMatchObject({ code: 1, err: expect.stringContaining('no database') })
    expect((await home.run(['migrate', '--status'])).code).toBe(1)
    expect(readdirSync(home.folder)).toEqual([])
    expect(await home.run(['migrate'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('applied 0001'),
    })
    expect(await home.run(['migrate', '--status'])).toMatchObject({ code: 0 })
  })
})

describe('zimmer doctor', () => {
  test('names what is wrong', async () => {
    await using home = new Home()
    await home.run(['migrate'])
    await execute(home, 'drop index idx_sessions_user_id')
    const { code, out } = await home.run(['doctor'], { env: { ZIMMER_RATE_LIMITS: 'off' } })
    expect(code).toBe(1)
    expect(out).toContain('index idx_sessions_user_id on sessions (user_id, revoked_at) is missing')
    expect(out).toContain('there is no active manager')
    expect(out).toContain('rate limits are off')
  })

  test('leaves the folder as it was', async () => {
    await using home = new Home()
    await home.run(['migrate'])
    const before = readdirSync(join(home.folder, 'data'))
    await home.run(['doctor'])
    expect(readdirSync(join(home.folder, 'data'))).toEqual(before)
  })
})
