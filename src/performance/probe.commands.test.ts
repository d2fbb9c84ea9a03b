import { describe, expect, test } from 'bun:test'
import { raw, serving, zimmerLike } from '../../test/probing.ts'
import { type Ended, Home } from '../../test/program.ts'
import { until } from '../../test/until.ts'

/** Once more while it says something else: a pause of the whole machine is rightly taken for slowness. */
const probeUntil = (home: Home, isSo: (ended: Ended) => boolean, args: string[], stdin = '') =>
  until(() => home.run(['probe', ...args], { stdin }), isSo, 90_000)

describe('zimmer probe', () => {
  test('prints a table and a verdict, and exits 0 when all is well', async () => {
    await using home = new Home()
    const server = await home.serve()
    const { code, out, err } = await probeUntil(home, ({ code }) => code === 0, [server.url, '--rounds', '2'])
    // It says how far it is, once that takes a second.
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^(probing [^\n]+\n)*$/) })
    for (const part of [
      'a Zimmer, 2 rounds',
      '127.0.0.1',
      'POST /api/auth/login',
      '12 at once',
      'All is well',
    ]) {
      expect(out).toContain(part)
    }
  })

  test('exits 1 with a finding, and has everything in its JSON', async () => {
    await using server = zimmerLike(async () => {
      await Bun.sleep(200)
      return Response.json([])
    })
    await using home = new Home()
    const isSlow = ({ out }: Ended) => JSON.parse(out).verdict[0]?.code === 'slow_server'
    const { code, out } = await probeUntil(home, isSlow, [server.url, '--rounds', '1', '--json'])
    expect(code).toBe(1)
    const report = JSON.parse(out)
    expect(report.verdict[0]).toMatchObject({ code: 'slow_server', level: 'finding' })
    expect(report).toMatchObject({ is_zimmer: true, rounds: 1, used_address: '127.0.0.1' })
    expect(Object.keys(report).sort()).toEqual(FIELDS)
  })

  test('says in words why there is no answer', async () => {
    await using home = new Home()
    using mail = await raw((socket) => socket.write('220 mail.example.com ESMTP\r\n'))
    using silent = await raw(() => {})
    const waiting = await home.run(['probe', silent.url, '--timeout', '6'])
    expect(waiting.out).toContain('takes the connection and never answers')
    expect(waiting.err).toContain('probing 127.0.0.1')
    const { code, out } = await home.run(['probe', mail.url])
    expect(code).toBe(1)
    expect(out).toContain('speaks no HTTP')
    expect(out).toContain('220 mail.example.com ESMTP')
  })

  test('prints nothing that a terminal would obey', async () => {
    await using home = new Home()
    const type = 'content-type: text/html\u009b31m\r\ncontent-length: 20000\r\n\r\n'
    using evil = await raw((socket) =>
      socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\n${type}${'a'.repeat(20_000)}`)),
    )
    const { out } = await home.run(['probe', `${evil.url}/page`, '--rounds', '1'])
    expect(out).toContain('no_compression')
    expect(out).not.toContain('\u009b')
  })

  test('sends the token of its first line of stdin, and never prints it', async () => {
    const seen = new Set<string | null>()
    await using server = serving((_path, request) => {
      seen.add(request.headers.get('authorization'))
      return new Response('hello')
    })
    await using home = new Home()
    const args = [`${server.url}/page`, '--rounds', '1', '--token-stdin', '--json']
    const { code, out } = await probeUntil(home, ({ code }) => code === 0, args, 'a-secret-token\nmore\n')
    expect(code).toBe(0)
    expect(seen).toContain('Bearer a-secret-token')
    expect(out).not.toContain('a-secret-token')
  })

  test('wrong usage exits 2 and says what to write', async () => {
    await using home = new Home()
    const wrong: [string[], string][] = [
      [[], "missing required argument 'url'"],
      [['localhost:8000'], 'did you mean http://localhost:8000?'],
      [['example.com'], 'did you mean https://example.com?'],
      [['ftp://example.com'], 'only http:// and https://'],
      [['http://'], 'this is no URL'],
      [['http://a:b@example.com'], 'ends up in logs'],
      [['http://127.0.0.1:0'], 'port 0'],
      [['http://127.0.0.1:1', '--rounds', '0'], 'from 1 to 100'],
      [['http://127.0.0.1:1', '--timeout', 'x'], 'from 1 to 60'],
      [['http://127.0.0.1:1', '--token', 'a b'], 'one word'],
      [['http://127.0.0.1:1', '--token', 'a', '--email', 'b'], 'one of --token'],
      [['http://127.0.0.1:1', '--email', 'a@example.com'], 'stdin had no password'],
    ]
    for (const [args, says] of wrong) {
      const { code, out, err } = await home.run(['probe', ...args])
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' })
      expect(err).toContain(says)
    }
  })
})

const FIELDS = [
  'addresses',
  'cut_short',
  'endpoints',
  'failure',
  'is_zimmer',
  'lookup',
  'parallel',
  'probed_url',
  'redirects',
  'rounds',
  'sign_in',
  'started_at',
  'tls',
  'url',
  'used_address',
  'verdict',
]
