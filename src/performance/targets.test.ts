import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { MARKET, sample } from '../../test/measured.ts'
import { type Ended, Home } from '../../test/program.ts'
import { databases } from '../../test/zimmer.ts'
import { openApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { saveMinutes } from './samples.ts'

const PASSWORD = 'correct horse battery staple'
const EMAIL = 'boss@example.com'

const makeManager = (home: Home) =>
  home.run(['admin', 'create', '--email', EMAIL, '--name', 'Boss', '--password-stdin'], {
    stdin: `${PASSWORD}\n`,
  })

const market = ({ out }: Ended) =>
  JSON.parse(out).endpoints.find(
    ({ method, path }: { method: string; path: string }) => `${method} ${path}` === MARKET,
  )

/** As if a server had taken two seconds for something a minute ago. */
async function measuredSlow(home: Home) {
  const databaseUrl = home.env.ZIMMER_DATABASE_URL ?? null
  const app = await openApp(readConfig({}, { dataDir: join(home.folder, 'data'), databaseUrl }))
  const slow = { count: 1, total: 2e6, largest: 2e6, targetMs: 1_000, buckets: [1_300, 1] }
  const minute = { at: Date.now() - 60_000, samples: [sample({ name: MARKET, ...slow })], sql: new Map() }
  await app.write((tx) => saveMinutes(tx, 'elsewhere:1', [minute]))
  await app.close()
}

describe.each(databases)('zimmer targets on %s', (database) => {
  test('a restart forgets nothing: what was measured is in the report without and with a server', async () => {
    await using home = await Home.on(database)
    const server = await home.serve()
    await makeManager(home)
    for (let i = 0; i < 20; i++) await server.client.get('/api/automations/marketplace')
    expect(await server.stop()).toBe(0)
    const after = await home.run(['targets', '--json'])
    expect(market(after)).toMatchObject({ count: 20, errors: 0, target_ms: 1_000 })
    const again = await home.serve()
    for (let i = 0; i < 5; i++) await again.client.get('/api/automations/marketplace')
    const asked = await home.run(['targets', '--json', '--url', again.url, '--email', EMAIL], {
      stdin: `${PASSWORD}\n`,
    })
    expect(asked.err).toBe('')
    expect(market(asked).count).toBe(25)
    expect(asked.code).toBe(JSON.parse(asked.out).status === 'fail' ? 1 : 0)
    const { body } = await again.client.post('/api/auth/login', { email: EMAIL, password: PASSWORD })
    const token = { stdin: `${body.access_token}\n` }
    const text = await home.run(['targets', '--url', again.url, '--token-stdin', '--range', '1h'], token)
    expect(text.out).toContain('GET /api/automations/marketplace')
    expect(text.out).toMatch(/pass +memory +< 500 MB/)
    const sessions = await again.client.get('/api/auth/sessions', {
      authorization: `Bearer ${body.access_token}`,
    })
    expect(
      sessions.body.filter(({ user_agent }: { user_agent: string }) => /Bun/.test(user_agent ?? '')).length,
    ).toBe(1)
  })

  test('a missed target is said in words, and makes it exit with 1', async () => {
    await using home = await Home.on(database)
    const server = await home.serve()
    await makeManager(home)
    await server.stop()
    await measuredSlow(home)
    const { code, out } = await home.run(['targets'])
    expect(code).toBe(1)
    expect(out).toMatch(/FAIL +every endpoint +< 1000 ms +2000 ms +GET \/api\/automations\/marketplace/)
    expect(out).toContain('Missed: 1 of the plan')
  })
})

describe('zimmer targets', () => {
  test('says what is wrong with how it is called, and with whom it asks', async () => {
    await using home = new Home()
    const server = await home.serve()
    await makeManager(home)
    const url = server.url
    const usage = [
      ['--range', '2m'],
      ['--url', 'example.com', '--token', 'x'],
      ['--url', 'http://me:secret@127.0.0.1', '--token', 'x'],
      ['--url', url],
      ['--url', url, '--token', 'x', '--email', EMAIL],
      ['--email', EMAIL],
      ['--nothing'],
    ]
    for (const args of usage) {
      const { code, out, err } = await home.run(['targets', ...args])
      expect([args, code, out]).toEqual([args, 2, ''])
      expect(err).not.toContain('    at ')
    }
    const failures: [string[], RegExp, string?][] = [
      [['--url', 'http://127.0.0.1:1', '--token', 'x'], /can't reach http:\/\/127.0.0.1:1: nothing listens/],
      [['--url', url, '--token', 'x'], /does not know this access token/],
      [['--url', url, '--email', EMAIL], /refused the sign-in: .*password/, 'wrong'],
      [['--url', `${url}/docs`, '--token-stdin'], /does not know this access token/, 'x'],
    ]
    for (const [args, message, stdin = ''] of failures) {
      const { code, err } = await home.run(['targets', ...args], { stdin: `${stdin}\n` })
      expect([args, code, err]).toEqual([args, 1, expect.stringMatching(message)])
    }
    const customer = { email: 'a@example.com', password: PASSWORD, confirm_password: PASSWORD, name: 'A' }
    await server.client.post('/api/auth/signup', customer)
    const asCustomer = ['targets', '--url', url, '--email', customer.email]
    expect(await home.run(asCustomer, { stdin: PASSWORD })).toMatchObject({
      code: 1,
      err: expect.stringContaining('staff only'),
    })
  })

  test('a server that is no Zimmer is not taken for one', async () => {
    await using home = new Home()
    using other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('hello') })
    const { code, err } = await home.run(['targets', '--url', other.url.href, '--token', 'x'])
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('is it a Zimmer') })
    using moved = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => Response.redirect('https://example.com/'),
    })
    const sent = await home.run(['targets', '--url', moved.url.href, '--token', 'x'])
    expect(sent).toMatchObject({ code: 1, err: expect.stringContaining('https://example.com/') })
  })

  test('without a database it says so and makes none', async () => {
    await using home = new Home()
    const { code, err } = await home.run(['targets'])
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('no database') })
  })
})
