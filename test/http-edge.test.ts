import { describe, expect, test } from 'bun:test'
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { allRoutes } from '../src/routes.ts'
import { contents } from './contents.ts'
import { head, say } from './raw.ts'
import { Client, databases, type TestZimmer, testZimmer } from './zimmer.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Access tokens that nobody here has signed, though they say so. */
async function forgeries(zimmer: TestZimmer) {
  const { jwtSecret } = zimmer.app.config
  const user = await zimmer.user('customer')
  const [header, payload, signature] = user.accessToken.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const sign = (header: object, claims: object, key: string, hash = 'sha256') => {
    const text = `${part(header)}.${part(claims)}`
    return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const rsaText = `${part({ alg: 'RS256', typ: 'JWT' })}.${payload}`
  const rsa = createSign('RSA-SHA256').update(rsaText).sign(privateKey).toString('base64url')
  const HS256 = { alg: 'HS256', typ: 'JWT' }
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600
  return {
    'alg none': `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'alg None with a signature': `${part({ alg: 'None', typ: 'JWT' })}.${payload}.${signature}`,
    'another key': sign(HS256, claims, 'another key of at least 32 characters'),
    'an empty key': sign(HS256, claims, ' '),
    HS512: sign({ ...HS256, alg: 'HS512' }, claims, jwtSecret, 'sha512'),
    'HS256 that says RS256': sign({ ...HS256, alg: 'RS256' }, claims, jwtSecret),
    RS256: `${rsaText}.${rsa}`,
    'a key of its own': sign(
      { ...HS256, jwk: publicKey.export({ format: 'jwk' }), kid: '../../dev/null' },
      claims,
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ),
    'another typ': sign({ ...HS256, typ: 'at+jwt' }, claims, jwtSecret),
    'another type': sign(HS256, { ...claims, type: 'refresh' }, jwtSecret),
    'no end': sign(HS256, { ...claims, exp: undefined }, jwtSecret),
    'no session': sign(HS256, { ...claims, sid: undefined }, jwtSecret),
    "another user's session": sign(HS256, { ...claims, sub: '900000001' }, jwtSecret),
    'a user of text': sign(HS256, { ...claims, sub: "1' or 1=1" }, jwtSecret),
    'a session of text': sign(HS256, { ...claims, sid: '1 or 1' }, jwtSecret),
    expired: sign(HS256, { ...claims, iat: hourAgo - 900, exp: hourAgo }, jwtSecret),
    crit: sign({ ...HS256, crit: ['exp'] }, claims, jwtSecret),
    'without its signature': `${header}.${payload}.`,
    'in two parts': `${header}.${payload}`,
    'in four parts': `${user.accessToken}.${signature}`,
    'signature cut': user.accessToken.slice(0, -2),
    'role changed': `${header}.${part({ ...claims, role: 'manager', is_admin: true })}.${signature}`,
    'refresh token': user.refreshToken,
    long: `${header}.${'A'.repeat(10_000)}.${signature}`,
    'no text': '....',
  }
}

describe.each(databases)('forged and expired tokens on %s', (database) => {
  test('no route lets one in, and nothing changes', async () => {
    await using zimmer = await testZimmer(database)
    const tokens = Object.entries(await forgeries(zimmer))
    const before = await contents(zimmer)
    const wrong: string[] = []
    for (const { method, path, caller } of allRoutes(zimmer.app)) {
      if (caller.security !== 'bearer') continue
      const url = path.replaceAll(/:\w+/g, '1')
      const replies = await Promise.all(
        tokens.map(([, token]) =>
          new Client(zimmer.url, { authorization: `Bearer ${token}` }).call(
            method,
            url,
            method === 'GET' ? undefined : {},
          ),
        ),
      )
      replies.forEach(({ status, headers, body }, index) => {
        const fine =
          status === 401 && body.code === 'not_signed_in' && headers.get('www-authenticate') === 'Bearer'
        if (!fine) wrong.push(`${method} ${path} with ${tokens[index]?.[0]}: ${status}`)
      })
    }
    expect(wrong).toEqual([])
    expect(await contents(zimmer)).toEqual(before)
  })
})

describe('headers', () => {
  test('forwarded addresses that are none are passed over, and the caller is still limited', async () => {
    const config = { trustedProxies: ['127.0.0.1'], rateLimits: true }
    await using zimmer = await testZimmer('sqlite', { config })
    const addresses = [
      '',
      ',',
      'unknown',
      '999.1.1.1',
      '1.2.3.4:80',
      '[::1]:80',
      '-',
      "' or 1=1",
      'x'.repeat(5_000),
    ]
    const odd = [
      '1',
      '0x7f.1',
      '017.0.0.1',
      '::',
      '::ffff:1.2.3.4',
      'fe80::1%eth0',
      `fe80::1%${'z'.repeat(5_000)}`,
    ]
    for (const address of [...addresses, ...odd]) {
      const forwarded = { 'x-forwarded-for': address }
      for (const path of ['/api/auth/signup', '/api/auth/login']) {
        const { status, text } = await zimmer.anyone.post(path, {}, forwarded)
        expect({ address, status, text }).toMatchObject({ status: 422 })
      }
    }
    const replies = []
    for (let index = 0; index < 30; index++) {
      const forwarded = { 'x-forwarded-for': `not an address ${index}` }
      replies.push((await zimmer.anyone.post('/api/auth/signup', {}, forwarded)).status)
    }
    expect(replies).toContain(429)
  })

  test('request ids and trace contexts that are none come back as ours, or not at all', async () => {
    await using zimmer = await testZimmer('sqlite')
    const traces = [
      '',
      '00',
      '00-zz-zz-01',
      `00-${'0'.repeat(32)}`,
      `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
      `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
      `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
    ]
    for (const id of ['', 'a b', '<script>', 'x'.repeat(65), '../../etc', 'é']) {
      for (const traceparent of traces) {
        const { status, headers } = await zimmer.anyone.get('/healthz', { 'x-request-id': id, traceparent })
        expect(status).toBe(200)
        expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/)
        expect(headers.get('x-request-id')).not.toBe(id)
        expect(headers.get('traceparent')).toBeNull()
      }
    }
  })

  test('an idempotency key that can not be one is refused, and nothing is spent', async () => {
    await using zimmer = await testZimmer('sqlite')
    const customer = await zimmer.customer({ paidTokens: 10 })
    for (const key of [' ', 'a b', 'é', 'x'.repeat(256), 'tab\there']) {
      const headers = { 'idempotency-key': key }
      const body = { user_automation_id: customer.userAutomationId, units: 1, usage_type: 'test' }
      const reply = await zimmer.service(customer).post('/api/automation-usage/consume', body, headers)
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ field: 'Idempotency-Key' }] } })
    }
    expect(await zimmer.balance(customer)).toBe(10)
  })
})

describe('requests as bytes', () => {
  /** What is sent, and the status of each reply. */
  const SAID: [what: string, bytes: string, statuses: number[]][] = [
    ['HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n', [200]],
    ['an absolute address', head('GET http://other.test/healthz HTTP/1.1'), [200]],
    ['an address with dots', head('GET /api/../healthz HTTP/1.1'), [404]],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
    ['another version', head('GET /healthz HTTP/9.9'), [505]],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['HEAD', head('HEAD /healthz HTTP/1.1'), [200]],
    ['HEAD of what has no GET', head('HEAD /api/auth/login HTTP/1.1'), [405]],
    ['OPTIONS', head('OPTIONS /api/me HTTP/1.1'), [204]],
    ['TRACE', head('TRACE /healthz HTTP/1.1'), [404]],
    ['CONNECT', head('CONNECT other.test:443 HTTP/1.1'), [404]],
    ['a header of 32 KB', head('GET /healthz HTTP/1.1', { x: 'y'.repeat(32_768) }), [431]],
    ['a thousand headers', head('GET /healthz HTTP/1.1', Object.fromEntries(many(1_000))), [431]],
    ['a NUL in a header', head('GET /healthz HTTP/1.1', { x: 'a\0b' }), [400]],
    ['a folded header', 'GET /healthz HTTP/1.1\r\nhost: a\r\nx: 1\r\n  2\r\n\r\n', [400]],
    ['two lengths', post({ 'content-length': '2\r\ncontent-length: 3' }, '{}x'), [400]],
    [
      'a length and chunks',
      post({ 'content-length': 2, 'transfer-encoding': 'chunked' }, '2\r\n{}\r\n0\r\n\r\n'),
      [400],
    ],
    ['a length of text', post({ 'content-length': 'abc' }, '{}'), [400]],
    ['a length below zero', post({ 'content-length': -2 }, '{}'), [400]],
    ['a length beyond counting', post({ 'content-length': '9'.repeat(20) }, '{}'), [400]],
    ['a length of 1 GB', post({ 'content-length': 1_073_741_824 }, '{}'), [413]],
    ['a chunk of no size', post({ 'transfer-encoding': 'chunked' }, 'zz\r\n{}\r\n0\r\n\r\n'), [400]],
    ['a chunk beyond counting', post({ 'transfer-encoding': 'chunked' }, `${'f'.repeat(16)}\r\n{}`), [400]],
    ['chunks beyond the limit', post({ 'transfer-encoding': 'chunked' }, chunks(70_000)), [413]],
    // Refused before their end is there: what is too much is not waited for.
    ['chunks without an end', post({ 'transfer-encoding': 'chunked' }, chunks(70_000).slice(0, -5)), [413]],
    ['three in a row', head('GET /healthz HTTP/1.1').repeat(3), [200, 200, 200]],
    [
      'one behind a body that is too large',
      post({ 'content-length': 70_000 }, 'x'.repeat(70_000)) + head('GET /healthz HTTP/1.1'),
      [413, 200],
    ],
  ]

  test.each(SAID)('%s', async (_what, bytes, statuses) => {
    await using zimmer = await testZimmer('sqlite')
    const heard = await say(zimmer.url, Buffer.from(bytes, 'latin1'), { replies: statuses.length })
    expect(heard.statuses).toEqual(statuses)
    expect((await zimmer.anyone.get('/healthz')).status).toBe(200)
  })
})

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`x-${index}`, 'y'])
}

function post(headers: Record<string, string | number>, body: string) {
  return head('POST /api/auth/login HTTP/1.1', { 'content-type': 'application/json', ...headers }) + body
}

const chunks = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`
