import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Home } from './program.ts'
import { until } from './until.ts'

/** The printed passwords, by email. */
const signIns = (text: string) =>
  new Map([...text.matchAll(/(\S+@\S+\.example) +(\S+)/g)].map(([, email, password]) => [email, password]))

describe('the demo', () => {
  test('has balances that add up, and other passwords at every start', async () => {
    await using home = new Home()
    const first = await home.run(['demo'])
    // It says how far it is, once that takes a second.
    expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/^(making [^\n]+\n)*$/) })
    const second = await home.run(['demo'])
    expect(signIns(first.out).size).toBe(6)
    for (const [email, password] of signIns(second.out))
      expect(signIns(first.out).get(email)).not.toBe(password)
    const env = { ZIMMER_DATA_DIR: 'demo-data' }
    const { code, out } = await home.run(['audit', '--json'], { env })
    expect(code).toBe(0)
    expect(JSON.parse(out).usageRows).toBeGreaterThan(10_000)
    expect(existsSync(join(home.folder, 'data'))).toBe(false)
    // Whoever signs in as one of them has something to look at.
    using database = new Database(join(home.folder, 'demo-data/zimmer.db'), { readonly: true })
    const usesOfMonth = database.query<{ uses: number }, [string, number]>(
      `select count(*) as uses from token_usage join users on users.id = user_id
       where email = ? and token_usage.created_at > ?`,
    )
    const customers = [...signIns(first.out).keys()].filter((email) => email?.includes('customers'))
    expect(customers).toHaveLength(2)
    for (const email of customers) {
      expect(usesOfMonth.get(email as string, Date.now() - 30 * 86_400_000)?.uses).toBeGreaterThan(5)
    }
  })

  test('its customers use the summarizer, and it ends with Zimmer', async () => {
    await using home = new Home()
    const startedAt = Date.now()
    const server = await home.serve(['--demo'])
    await server.printed(/The summarizer works at \S+ /)
    const email = 'maya@agency.example'
    const login = await server.client.post('/api/auth/login', {
      email,
      password: signIns(server.out).get(email),
    })
    expect(login.status).toBe(200)
    const database = new Database(join(home.folder, 'demo-data/zimmer.db'), { readonly: true })
    const used = database.query(
      `select count(*) as uses from token_usage where usage_type = 'summary' and created_at > ?`,
    )
    while ((used.get(startedAt) as { uses: number }).uses === 0) await Bun.sleep(50)
    database.close()
    const [, summarizer] = server.out.match(/The summarizer works at (\S+):/) as RegExpMatchArray
    expect((await fetch(`${summarizer}/health`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
    const isGone = () =>
      fetch(`${summarizer}/health`).then(
        () => false,
        () => true,
      )
    expect(await until(isGone)).toBe(true)
    expect((await home.run(['audit'], { env: { ZIMMER_DATA_DIR: 'demo-data' } })).code).toBe(0)
  })

  test('never touches real data, a real database, or a network', async () => {
    await using home = new Home()
    const env = { ZIMMER_DATA_DIR: 'real' }
    const create = ['admin', 'create', '--email', 'a@example.com', '--name', 'A', '--password-stdin']
    await home.run(create, { env, stdin: 'correct horse battery staple' })
    expect(await home.run(['demo'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('no demo'),
    })
    const { code, err } = await home.run(['serve', '--demo', '--host', '0.0.0.0'], {
      env: { ZIMMER_DATABASE_URL: 'postgres://u@127.0.0.1/x' },
    })
    expect(code).toBe(2)
    expect(err).toContain('loopback')
    expect(err).toContain('ZIMMER_DATABASE_URL')
  })
})
