import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Home } from './program.ts'
import { until } from './until.ts'
import { databases } from './zimmer.ts'

const USERS = '200'

/** Runs `zimmer bench` with a temporary folder of its own, so that its data sets go with it. */
const bench = (home: Home, args: string[]) =>
  home.run(['bench', ...args], { env: { TMPDIR: home.folder, ZIMMER_DATABASE_URL: '' } })

const report = (home: Home, name: string) => JSON.parse(readFileSync(join(home.folder, name), 'utf8'))

describe('zimmer bench', () => {
  test('each command has a help with an example', async () => {
    await using home = await Home.on('sqlite')
    const commands = ['all', 'latency', 'load', 'stress', 'soak', 'ablate', 'dataset', 'compare']
    for (const command of commands) {
      const { code, out } = await bench(home, [command, '--help'])
      expect({ command, code }).toEqual({ command, code: 0 })
      expect(out).toContain(`zimmer bench ${command}`)
      expect(out).toMatch(/Examples?: /)
    }
    expect((await bench(home, ['--help'])).out).toContain('compare')
  })

  test('wrong usage is exit code 2, and says what would be right', async () => {
    await using home = await Home.on('sqlite')
    const wrong: [string[], RegExp][] = [
      [[], /say what to measure/],
      [['everything'], /say what to measure/],
      [['latency', '--rate', 'fast'], /--rate must be a number from 1/],
      [['load', '--rounds', '1.5'], /--rounds must be a whole number/],
      [['load', '--user', '5'], /--user/],
      [['load', '--users', '5'], /10k, 100k, 1m/],
      [['load', 'more'], /too much/],
      [['load', '--path', 'api/me'], /slash/],
      [['all', '--only', 'nothing'], /--only knows/],
      [['all', '--quick', '--full'], /not both/],
      [['ablate', '--only', 'luck'], /--only knows/],
      [['dataset'], /say how many/],
      [['dataset', '--users', '1k', '--database-url', 'mysql://here'], /--users must be/],
      [['compare', 'one.json'], /two reports/],
    ]
    for (const [args, message] of wrong) {
      const { code, err } = await bench(home, args)
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(err).toMatch(message)
    }
  })

  test('no load goes to another machine unless told twice, and nothing but GETs to a server that is not its own', async () => {
    await using home = await Home.on('sqlite')
    const refused = [
      ['--target', 'http://example.com'],
      ['--target', 'http://example.com', '--yes-load-this-host', 'example.org'],
      ['--target', 'http://10.0.0.1:8000'],
      ['--target', 'http://0.0.0.0:8000'],
      ['--target', 'http://localhost.example.com'],
    ]
    for (const args of refused) {
      const { code, err } = await bench(home, ['load', ...args])
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(err).toContain('say so twice')
    }
    for (const target of ['https://127.0.0.1', 'http://127.0.0.1/api', 'here', 'http://me@127.0.0.1']) {
      expect(await bench(home, ['latency', '--target', target])).toMatchObject({ code: 2 })
    }
    expect(await bench(home, ['stress', '--yes-load-this-host', 'example.com'])).toMatchObject({ code: 2 })
    expect(await bench(home, ['load', '--target', 'http://127.0.0.1:1', '--users', '1k'])).toMatchObject({
      code: 2,
    })

    const seen = new Set<string>()
    await using server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request) => {
        seen.add(`${request.method} ${new URL(request.url).pathname} ${request.headers.get('x-who')}`)
        return new Response('ok')
      },
    })
    const args = ['--target', server.url.href, '--path', '/a', '--path', '/b', '--header', 'X-Who: bench']
    const { code } = await bench(home, ['load', ...args, '--seconds', '0.3', '--rounds', '1'])
    expect(code).toBe(0)
    expect([...seen].sort()).toEqual(['GET /a bench', 'GET /b bench'])
  })

  test('latency, load and their reports', async () => {
    await using home = await Home.on('sqlite')
    const small = ['--users', USERS, '--seconds', '0.5']
    const latency = await bench(home, [
      'latency',
      ...small,
      '--rate',
      '50',
      '--json',
      'a.json',
      '--html',
      'a.html',
    ])
    expect(latency.out).toContain('p99.99')
    const { machine, started_at, rows } = report(home, 'a.json')
    expect(machine.processors).toBeGreaterThan(0)
    expect(Date.parse(started_at)).toBeGreaterThan(0)
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['name', 'value', 'unit', 'limit', 'ratio', 'goal', 'pass', 'spread']),
      )
    }
    expect(rows[0].note).not.toContain('not answered')
    const html = readFileSync(join(home.folder, 'a.html'), 'utf8')
    expect(html).toContain('<polyline')
    expect(html).not.toMatch(/<script|<link|src=|https?:/)

    const load = [
      'load',
      ...small,
      '--rounds',
      '1',
      '--each',
      '--path',
      '/api/me',
      '--path',
      '/api/admin/users',
    ]
    expect((await bench(home, [...load, '--json', 'b.json'])).code).toBe(0)
    const [me] = report(home, 'b.json').rows
    expect(me).toMatchObject({ name: 'GET /api/me (32 connections)', unit: 'requests/s' })
    expect(me.note).not.toContain('not answered')

    const compared = await bench(home, ['compare', 'a.json', 'b.json', '--html', 'c.html'])
    expect(compared.code).toBe(0)
    expect(compared.out).toContain('latency, p99')
    expect(readFileSync(join(home.folder, 'c.html'), 'utf8')).toContain('two runs')
    writeFileSync(join(home.folder, 'other.json'), '{"rows": 1}')
    expect(await bench(home, ['compare', 'a.json', 'other.json'])).toMatchObject({ code: 1 })
    expect(await bench(home, ['compare', 'a.json', 'missing.json'])).toMatchObject({ code: 1 })
    expect(
      readdirSync(
        join(home.folder, readdirSync(home.folder).find((name) => name.startsWith('zimmer-bench-')) ?? ''),
      ),
    ).toHaveLength(1)
  })

  test('stress finds a capacity, overloads it and says whether it recovers; soak looks at memory and files', async () => {
    await using home = await Home.on('sqlite')
    const stress = ['stress', '--users', USERS, '--path', '/healthz', '--seconds', '0.5', '--overload', '1']
    await bench(home, [...stress, '--json', 's.json'])
    const names = report(home, 's.json').rows.map(({ name }: { name: string }) => name.replace(/ for.*/, ''))
    expect(names).toEqual([
      'safe capacity',
      'overload: goodput at 3 × capacity',
      'overload: told that it is refused, p99',
      'overload: back to normal after',
    ])
    await bench(home, ['soak', '--users', USERS, '--rate', '20', '--seconds', '6', '--json', 'soak.json'])
    const { rows, plots } = report(home, 'soak.json')
    expect(rows).toHaveLength(4)
    expect(rows[0]).toMatchObject({ unit: 'MB/min' })
    expect(plots[0].lines[0].points.length).toBeGreaterThan(3)
  })

  test('ablate is a table of gains beside those of the plan', async () => {
    await using home = await Home.on('sqlite')
    const args = ['ablate', '--users', USERS, '--seconds', '1', '--rounds', '1', '--json', 'a.json']
    expect([0, 1]).toContain((await bench(home, args)).code)
    const rows = report(home, 'a.json').rows as {
      name: string
      goal: string | null
      value: number
      limit: number
    }[]
    expect(rows.map(({ name, goal }) => [name, goal])).toEqual([
      ['ablate: indexes', '≥ 70 % faster'],
      ['ablate: database settings', null],
      ['ablate: response cache', '≥ 60 % faster'],
      ['ablate: session cache', '≥ 50 % faster'],
      ['ablate: no N + 1', null],
      ['ablate: all together', '≥ 65 % faster'],
    ])
    for (const { value, limit } of rows) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(limit).toBeGreaterThan(0)
    }
  })

  test('what it started ends with it, also when it is killed', async () => {
    await using home = await Home.on('sqlite')
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
      const child = Bun.spawn(
        [join(import.meta.dir, '../bin/zimmer'), 'bench', 'load', '--users', USERS, '--seconds', '60'],
        {
          env: { ...home.env, TMPDIR: home.folder },
          stdout: 'ignore',
          stderr: 'ignore',
        },
      )
      const running = (isSo: (pids: number[]) => boolean) =>
        until(() => processesIn(home.folder), isSo, 60_000)
      // The server and the load; their environment names the folder.
      expect(
        (await running((pids) => pids.filter((pid) => pid !== child.pid).length >= 2)).length,
      ).toBeGreaterThan(2)
      // Seen here before the bench itself may know of it.
      await Bun.sleep(500)
      child.kill(signal)
      await child.exited
      expect(await running((pids) => pids.length === 0)).toEqual([])
      const [folder = ''] = readdirSync(home.folder).filter((name) => name.startsWith('zimmer-bench-'))
      const runs = () => readdirSync(join(home.folder, folder)).filter((name) => name.startsWith('run-'))
      expect(await until(runs, (names) => names.length === 0)).toEqual([])
    }
  })
})

/** Of Bun, by the environment that they were started with. */
function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TMPDIR=${folder}`)
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('bun')
      } catch {
        return false
      }
    })
}

describe.each(databases)('zimmer bench dataset on %s', (database) => {
  test('makes a ledger that adds up, with roll-ups that tell the same story, and carries the mark', async () => {
    await using home = await Home.on(database)
    const url = home.env.ZIMMER_DATABASE_URL
    const where = url ? ['--database-url', url] : ['--dir', join(home.folder, 'sets')]
    const made = await bench(home, ['dataset', '--users', '1000', ...where, '--json', 'd.json'])
    expect(made).toMatchObject({ code: 0 })
    const { where: folder, users, usage_rows } = report(home, 'd.json')
    expect({ users, usage_rows }).toEqual({ users: 1_000, usage_rows: 30_000 })

    const env: Record<string, string> = url ? {} : { ZIMMER_DATA_DIR: folder }
    const audit = await home.run(['audit', '--json'], { env })
    expect(audit.code).toBe(0)
    expect(JSON.parse(audit.out)).toMatchObject({ accounts: 3_000, usageRows: 30_000, failures: [] })
    const doctor = await home.run(['doctor', '--json'], { env })
    expect(doctor.out).not.toContain('"missing"')

    // Again: on SQLite it is found, on PostgreSQL nothing is written to a database that has something in it.
    const again = await bench(home, ['dataset', '--users', '1000', ...where])
    if (url) expect(again.err).toContain('not empty')
    expect(again.code).toBe(url ? 1 : 0)

    const server = await home.serve([], env)
    const client = server.client
    const { password } = report(home, 'd.json')
    const { body } = await client.post('/api/auth/login', { email: 'manager@bench.test', password })
    const headers = { authorization: `Bearer ${body.access_token}` }
    const found = await client.get('/api/admin/users?search=anna&limit=5', headers)
    expect(found.body.users.length).toBeGreaterThan(0)
    expect(found.body.users[0].automations_count).toBe(3)
    await server.stop()
  })

  test('the bench takes its own data sets only', async () => {
    if (database !== 'sqlite') return
    await using home = await Home.on(database)
    const dir = join(home.folder, 'sets')
    expect(await bench(home, ['dataset', '--users', USERS, '--dir', dir])).toMatchObject({ code: 0 })
    const [name = ''] = readdirSync(dir)
    const folder = join(dir, name)
    const load = ['load', '--data', folder, '--seconds', '0.3', '--rounds', '1', '--path', '/api/me']
    const before = Bun.hash(readFileSync(join(folder, 'zimmer.db')))
    expect(await bench(home, load)).toMatchObject({ code: 0 })
    expect(Bun.hash(readFileSync(join(folder, 'zimmer.db')))).toBe(before)

    const file = new Database(join(folder, 'zimmer.db'))
    expect(file.query('select sum(tokens) as n from usage_totals').get()).toEqual(
      file.query('select sum(tokens) as n from token_usage').get(),
    )
    expect(
      file
        .query(`select sum(h0+h1+h2+h3+h4+h5+h6+h7+h8+h9+h10+h11+h12+h13+h14+h15+h16+h17+h18+h19+h20+h21+h22+h23)
      - sum(tokens) as n from usage_days`)
        .get(),
    ).toEqual({ n: 0 })
    file.run("delete from facts where name = 'bench'")
    file.close()
    expect((await bench(home, load)).err).toContain('does not carry its mark')
    expect((await bench(home, ['load', '--data', home.folder])).err).toContain('no data set')
    expect(existsSync(join(home.folder, 'zimmer.db'))).toBe(false)
  })
})
