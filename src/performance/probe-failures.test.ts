import { describe, expect, test } from 'bun:test'
import { testCertificate } from '../../test/certificate.ts'
import { type Asked, askFor, askUntil, named, raw, saying, serving, wrong } from '../../test/probing.ts'
import type { Wires } from './probe/wires.ts'

describe('no answer', () => {
  /** For those that are silent; longer than a slow machine takes for what comes before. */
  const SILENT_MS = 1_500
  const expectOnly = async (
    expected: string,
    url: string,
    wires: Partial<Wires> = {},
    timeoutMs = 20_000,
  ) => {
    const seen = await askFor([expected], url, wires, { timeoutMs, rounds: 1 })
    for (const { says, evidence, advice } of seen.verdict) expect([says, evidence, advice]).not.toContain('')
    expect(wrong(seen)).toEqual([expected])
  }

  test('a name without an address', async () => {
    await expectOnly('unresolvable', 'http://no-such-host.invalid')
  })

  test('a name server that says nothing', async () => {
    const resolve = () => new Promise<never>(() => {})
    await expectOnly('lookup_timeout', 'http://zimmer.test', { resolve }, SILENT_MS)
  })

  test('a port at which nothing listens', async () => {
    let port = 0
    {
      using server = await saying('')
      port = server.port
    }
    await expectOnly('refused', `http://127.0.0.1:${port}`)
  })

  test('packets that are dropped', async () => {
    const dial = () => new Promise<never>(() => {})
    await expectOnly('connect_timeout', 'http://127.0.0.1:1', { dial }, SILENT_MS)
  })

  test('a server that takes connections and never answers', async () => {
    using server = await raw(() => {})
    await expectOnly('silent', server.url, {}, SILENT_MS)
    await expectOnly('tls_timeout', server.url.replace('http:', 'https:'), {}, SILENT_MS)
  })

  test('a server that resets, and one that hangs up', async () => {
    using resetting = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const isOver = (seen: Asked) => ['reset', 'closed'].includes(wrong(seen)[0] as string)
    expect(isOver(await askUntil(isOver, resetting.url, {}, { rounds: 1 }))).toBe(true)
    using closing = await raw((socket) => socket.once('data', () => socket.end()))
    await expectOnly('closed', closing.url)
  })

  test('an answer that stops in the middle', async () => {
    using server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    await expectOnly('stalled', `${server.url}/page`, {}, SILENT_MS)
  })

  test('a server of another protocol', async () => {
    using greeting = await raw((socket) => socket.write('220 mail.example.com ESMTP ready\r\n'))
    await expectOnly('not_http', greeting.url)
    using mumbling = await saying('\u0000\u0001\u0002')
    await expectOnly('not_http', mumbling.url)
  })

  test('headers without an end', async () => {
    const line = `x-more: ${'a'.repeat(1_000)}\r\n`
    using server = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write(line.repeat(20)), 1)
      socket.on('close', () => clearInterval(timer))
    })
    await expectOnly('endless_headers', server.url)
  })

  test('TLS where plain HTTP was asked for, and the other way round', async () => {
    const { cert, key } = testCertificate()
    await using secured = serving(() => new Response('hello'), { cert, key })
    await expectOnly('speaks_tls', `http://127.0.0.1:${secured.port}`)
    using polite = await saying(
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 50\r\n\r\nThe plain HTTP request was sent to HTTPS port.    ',
    )
    await expectOnly('speaks_tls', polite.url)
    await using plain = serving()
    await expectOnly('not_tls', `https://127.0.0.1:${plain.port}`)
  })

  test('certificates that clients refuse', async () => {
    const certificates = [
      { made: testCertificate(), says: 'signed by nobody but itself', isTrusted: false },
      { made: testCertificate({ fromDays: -9, toDays: -2 }), says: 'expired', isTrusted: true },
      { made: testCertificate({ fromDays: 2 }), says: 'not valid yet', isTrusted: true },
      { made: testCertificate({ name: 'other.example' }), says: 'another name', isTrusted: true },
    ]
    for (const { made, says, isTrusted } of certificates) {
      await using server = serving(() => new Response('hello'), made)
      const wires = { resolve: named('127.0.0.1'), ...(isTrusted ? { ca: made.cert } : {}) }
      const url = `https://localhost:${server.port}/page`
      const seen = await askFor(['bad_certificate'], url, wires, { rounds: 1 })
      expect(wrong(seen)).toEqual(['bad_certificate'])
      expect(seen.verdict[0]?.says).toContain(says)
    }
  })

  test('a certificate that will soon end', async () => {
    const made = testCertificate({ toDays: 5 })
    await using server = serving(() => new Response('hello'), made)
    await expectOnly('certificate_expires', `${server.url}/page`, { ca: made.cert })
  })

  test('a server that fails', async () => {
    await using server = serving(() => new Response('no', { status: 502 }))
    await expectOnly('server_error', `${server.url}/page`)
    await using missing = serving(() => new Response('no', { status: 404 }))
    await expectOnly('unexpected_status', `${missing.url}/page`)
  })
})
