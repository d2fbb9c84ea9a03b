import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { testCertificate } from '../../test/certificate.ts'
import { ask, named, raw, saying, serving, wrong } from '../../test/probing.ts'
import type { Wires } from './probe/wires.ts'

setDefaultTimeout(60_000)

describe('no answer', () => {
  const quick = { timeoutMs: 400, rounds: 1 }
  const only = async (url: string, wires: Partial<Wires> = {}) => {
    const seen = await ask(url, wires, quick)
    for (const { says, evidence, advice } of seen.verdict) expect([says, evidence, advice]).not.toContain('')
    return wrong(seen)
  }

  test('a name without an address', async () => {
    expect(await only('http://no-such-host.invalid')).toEqual(['unresolvable'])
  })

  test('a name server that says nothing', async () => {
    expect(await only('http://zimmer.test', { resolve: () => new Promise(() => {}) })).toEqual([
      'lookup_timeout',
    ])
  })

  test('a port at which nothing listens', async () => {
    let port = 0
    {
      using server = await saying('')
      port = server.port
    }
    expect(await only(`http://127.0.0.1:${port}`)).toEqual(['refused'])
  })

  test('packets that are dropped', async () => {
    expect(await only('http://127.0.0.1:1', { dial: () => new Promise(() => {}) })).toEqual([
      'connect_timeout',
    ])
  })

  test('a server that takes connections and never answers', async () => {
    using server = await raw(() => {})
    expect(await only(server.url)).toEqual(['silent'])
    expect(await only(server.url.replace('http:', 'https:'))).toEqual(['tls_timeout'])
  })

  test('a server that resets, and one that hangs up', async () => {
    using resetting = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(['reset', 'closed']).toContain((await only(resetting.url))[0] as string)
    using closing = await raw((socket) => socket.once('data', () => socket.end()))
    expect(await only(closing.url)).toEqual(['closed'])
  })

  test('an answer that stops in the middle', async () => {
    using server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    expect(await only(`${server.url}/page`)).toEqual(['stalled'])
  })

  test('a server of another protocol', async () => {
    using greeting = await raw((socket) => socket.write('220 mail.example.com ESMTP ready\r\n'))
    expect(await only(greeting.url)).toEqual(['not_http'])
    using mumbling = await saying('\u0000\u0001\u0002')
    expect(await only(mumbling.url)).toEqual(['not_http'])
  })

  test('headers without an end', async () => {
    const line = `x-more: ${'a'.repeat(1_000)}\r\n`
    using server = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write(line.repeat(20)), 1)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await only(server.url)).toEqual(['endless_headers'])
  })

  test('TLS where plain HTTP was asked for, and the other way round', async () => {
    const { cert, key } = testCertificate()
    await using secured = serving(() => new Response('hello'), { cert, key })
    expect(await only(`http://127.0.0.1:${secured.port}`)).toEqual(['speaks_tls'])
    using polite = await saying(
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 50\r\n\r\nThe plain HTTP request was sent to HTTPS port.    ',
    )
    expect(await only(polite.url)).toEqual(['speaks_tls'])
    await using plain = serving()
    expect(await only(`https://127.0.0.1:${plain.port}`)).toEqual(['not_tls'])
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
      const seen = await ask(`https://localhost:${server.port}/page`, wires, quick)
      expect(wrong(seen)).toEqual(['bad_certificate'])
      expect(seen.verdict[0]?.says).toContain(says)
    }
  })

  test('a certificate that will soon end', async () => {
    const made = testCertificate({ toDays: 5 })
    await using server = serving(() => new Response('hello'), made)
    expect(await only(`${server.url}/page`, { ca: made.cert })).toEqual(['certificate_expires'])
  })

  test('a server that fails', async () => {
    await using server = serving(() => new Response('no', { status: 502 }))
    expect(await only(`${server.url}/page`)).toEqual(['server_error'])
    await using missing = serving(() => new Response('no', { status: 404 }))
    expect(await only(`${missing.url}/page`)).toEqual(['unexpected_status'])
  })
})
