import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Home, type Server } from './program.ts'
import { until } from './until.ts'
import { databases } from './zimmer.ts'

describe.each(databases)('zimmer serve on %s', (database) => {
  test('it listens, answers, and leaves with 0', async () => {
    await using home = await Home.on(database)
    const server = await home.serve()
    expect(server.out.match(/listening on /g)).toHaveLength(1)
    const health = async () => (await server.client.get('/health')).body
    expect(await until(health, ({ status }) => status === 'healthy')).toMatchObject({ status: 'healthy' })
    expect(await server.stop()).toBe(0)
  })

  test('the link of the first start makes the first manager, and then there is none', async () => {
    await using home = await Home.on(database)
    const first = await home.serve()
    await first.printed(/setup\?token=\S+/)
    const [link, token] = first.out.match(/http\S+token=(\S+)/) as RegExpMatchArray
    expect((await fetch(link)).status).toBe(200)
    const manager = { email: 'boss@example.com', name: 'Boss', password: 'correct horse battery staple' }
    expect((await first.client.post('/api/setup', { token, ...manager })).status).toBe(201)
    const { status } = await first.client.post('/api/auth/login', {
      email: manager.email,
      password: manager.password,
    })
    expect(status).toBe(200)
    await first.stop()

    const second = await home.serve()
    await second.stop()
    expect(second.out).not.toContain('setup')
  })

  test('a request in flight is answered after SIGTERM, while /readyz says 503', async () => {
    await using home = await Home.on(database)
    const stopping = async () => {
      const server = await home.serve()
      const socket = await halfARequest(server)
      let reply = ''
      socket.on('data', (bytes) => {
        reply += bytes
      })
      server.child.kill('SIGTERM')
      const said = await unreadiness(server)
      await Bun.sleep(500)
      expect(reply).toBe('')
      socket.write('}')
      expect(await server.child.exited).toBe(0)
      expect(reply).toStartWith('HTTP/1.1 422')
      return said
    }
    expect(await until(stopping, Boolean, 60_000)).toEqual({ status: 'draining' })
  })

  test('a second signal does not wait; the echo of one Ctrl+C that npm makes is none', async () => {
    await using home = await Home.on(database)
    const server = await home.serve()
    const socket = await halfARequest(server)
    server.child.kill('SIGINT')
    server.child.kill('SIGINT')
    await Bun.sleep(1_000)
    expect(server.child.exitCode).toBeNull()
    expect(await server.stop('SIGINT')).toBe(1)
    socket.destroy()
  })
})

/** What /readyz says once it is not 200; null when it could not be asked in time, for it listens 0.3 s longer. */
async function unreadiness({ client }: Server): Promise<object | null> {
  for (;;) {
    const ready = await client.get('/readyz').catch(() => null)
    if (ready?.status !== 200) return ready?.body ?? null
  }
}

/** A request whose body is not all there yet, in the server's hand. */
async function halfARequest(server: Server) {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  const half =
    'POST /api/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{'
  await new Promise<unknown>((sent) => socket.write(half, sent))
  // It is in hand when the next one is answered.
  await server.client.get('/healthz')
  return socket
}

describe('zimmer serve refuses', () => {
  test('a wrong configuration, naming every mistake', async () => {
    await using home = new Home()
    const env = {
      ZIMMER_PORT: 'many',
      ZIMMER_LOG_LEVEL: 'loud',
      ZIMMER_PROT: '1',
      ZIMMER_JWT_SECRET: 'short',
    }
    const { code, err } = await home.run(['serve'], { env })
    expect(code).toBe(2)
    for (const name of Object.keys(env)) expect(err).toContain(name)
  })

  test('a data folder that another Zimmer serves; it is free again after kill -9', async () => {
    await using home = new Home()
    const first = await home.serve()
    const { code, err } = await home.run(['serve'])
    expect(code).toBe(1)
    expect(err).toMatch(/^zimmer: another Zimmer serves from .*\n$/)
    await first.stop('SIGKILL')
    const second = await home.serve()
    expect((await second.client.get('/readyz')).status).toBe(200)
  })

  test('a port that is in use, in one line', async () => {
    await using home = new Home()
    const taken = await home.serve()
    const port = new URL(taken.url).port
    const env = { ZIMMER_DATA_DIR: join(home.folder, 'other') }
    const { code, err } = await home.run(['serve', '--port', port], { env })
    expect(code).toBe(1)
    expect(err).toMatch(/^zimmer: port \d+ of 127.0.0.1 is in use: .*--port.*\n$/)
  })

  test('a data folder that is none, and a database that is none', async () => {
    await using home = new Home()
    writeFileSync(join(home.folder, 'file'), '')
    const folder = await home.run(['serve'], { env: { ZIMMER_DATA_DIR: 'file' } })
    expect(folder).toMatchObject({ code: 2, out: '' })
    writeFileSync(join(home.folder, 'zimmer.db'), 'this is a letter to my mother '.repeat(200))
    const database = await home.run(['serve'], { env: { ZIMMER_DATA_DIR: '.' } })
    expect(database.code).toBe(1)
    expect(database.err).toMatch(/^zimmer: .* put a backup in its place\n$/)
  })

  test('a PostgreSQL that is not there, in one line', async () => {
    await using home = new Home()
    const env = { ZIMMER_DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:9/none' }
    const { code, err } = await home.run(['serve'], { env })
    expect(code).toBe(1)
    expect(err).toMatch(/^zimmer: PostgreSQL at 127.0.0.1:9 .*ZIMMER_DATABASE_URL\n$/)
    expect(err).not.toContain('secret')
  })

  test('words that it does not know, with a hint', async () => {
    await using home = new Home()
    expect(await home.run(['sevre'])).toMatchObject({ code: 2, err: expect.stringContaining('serve') })
    expect(await home.run(['serve', '--prot', '1'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--port'),
    })
    expect(await home.run(['serve', '--port', '70000'])).toMatchObject({ code: 2 })
    expect(await home.run([])).toMatchObject({ code: 2, err: expect.stringContaining('Commands:') })
    for (const args of [['--help'], ['help']]) {
      expect(await home.run(args)).toMatchObject({ code: 0, out: expect.stringContaining('Commands:') })
    }
    expect(await home.run(['help', 'serve'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--port'),
    })
  })
})
