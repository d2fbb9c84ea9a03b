import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readConfig } from '../config.ts'
import { FetchError, isPublic, type Outside, outside, safeFetch } from './fetch.ts'

const SENT = { timeoutMs: 20_000 }

/** 127.0.0.2 plays the public internet, 127.0.0.1 the private network. */
const split = (names: Record<string, string[]> = {}): Outside & { asked: string[] } => {
  const asked: string[] = []
  return {
    asked,
    allows: (address) => address === '127.0.0.2' || isPublic(address),
    resolve: async (host) => {
      asked.push(host)
      const address = names[host]?.shift()
      if (!address) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
      return [address]
    },
  }
}

async function failure(fetching: Promise<unknown>) {
  const error = await fetching.then(
    () => null,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(FetchError)
  return error as FetchError
}

const seen: { url: string; host: string | null; headers: Headers; method: string; body: string }[] = []
let privateHits = 0
let publicServer: Bun.Server<undefined>
let privateServer: Bun.Server<undefined>

async function answer(request: Request) {
  const { pathname } = new URL(request.url)
  const body = await request.text()
  const { headers, method, url } = request
  seen.push({ url, host: headers.get('host'), headers, method, body })
  if (pathname.startsWith('/redirect/')) {
    const left = Number(pathname.slice('/redirect/'.length))
    return Response.redirect(left > 0 ? `/redirect/${left - 1}` : '/ok', 302)
  }
  if (pathname === '/inside') return Response.redirect(`http://127.0.0.1:${privateServer.port}/secret`, 302)
  if (pathname === '/file') return Response.redirect('file:///etc/passwd', 302)
  if (pathname === '/huge') return new Response(endless())
  if (pathname === '/packed') {
    const packed = Bun.gzipSync('a'.repeat(1_000_000))
    return new Response(packed, { headers: { 'content-encoding': 'gzip' } })
  }
  if (pathname === '/hang') return new Promise<Response>(() => {})
  if (pathname === '/drip') return new Response(dripping())
  if (pathname === '/broken') return new Response('no', { status: 500 })
  return new Response('fine')
}

const endless = () =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(97)) })

const dripping = () =>
  new ReadableStream({
    pull: async (controller) => {
      await Bun.sleep(20)
      controller.enqueue('a')
    },
  })

beforeAll(() => {
  publicServer = Bun.serve({ hostname: '127.0.0.2', port: 0, fetch: answer, idleTimeout: 0 })
  privateServer = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => {
      privateHits++
      return new Response('secret')
    },
  })
})

afterAll(async () => {
  await publicServer.stop(true)
  await privateServer.stop(true)
})

const at = (path: string, host = '127.0.0.2') => `http://${host}:${publicServer.port}${path}`

describe('safeFetch', () => {
  test('a proxy of the environment is passed by: it would connect to whatever it likes', async () => {
    let proxied = 0
    const proxy = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => {
        proxied++
        return new Response('by the proxy')
      },
    })
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy']
    const before = names.map((name) => process.env[name])
    try {
      for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`
      // The variables are such that a plain fetch would follow them.
      expect(await (await fetch(at('/ok'))).text()).toBe('by the proxy')
      expect((await safeFetch(split(), at('/ok'), SENT)).body).toBe('fine')
      expect(proxied).toBe(1)
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name]
        else process.env[name] = before[index]
      })
      await proxy.stop(true)
    }
  })

  test('it works, and an error status is an answer too', async () => {
    expect(await safeFetch(split(), at('/ok'), SENT)).toEqual({ status: 200, body: 'fine' })
    expect(await safeFetch(split(), at('/broken'), SENT)).toEqual({ status: 500, body: 'no' })
  })

  test('a name is resolved, connected to by its address, and sent as Host', async () => {
    const world = split({ 'service.test': ['127.0.0.2'] })
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    await safeFetch(world, at('/ok?x=1', 'service.test'), {
      ...SENT,
      method: 'POST',
      body: '{}',
      headers: { 'x-zimmer-service-token': 't' },
      traceparent,
    })
    const { host, headers, method, body } = seen.at(-1)!
    expect(host).toBe(`service.test:${publicServer.port}`)
    expect([method, body]).toEqual(['POST', '{}'])
    expect(headers.get('traceparent')).toBe(traceparent)
    expect(headers.get('x-zimmer-service-token')).toBe('t')
    expect(headers.get('content-type')).toBe('application/json')
  })

  test('a name that turns from a public to a private address reaches the one that was checked', async () => {
    // The system knows localhost as the private one, as the resolver does the second time.
    const world = split({ localhost: ['127.0.0.2', '127.0.0.1'] })
    const before = privateHits
    const url = `http://localhost:${privateServer.port}/secret`
    expect((await failure(safeFetch(world, url, SENT))).code).toBe('unreachable')
    expect(world.asked).toEqual(['localhost'])
    expect((await failure(safeFetch(world, url, SENT))).code).toBe('forbidden_address')
    expect(privateHits).toBe(before)
  })

  test('one private address among several is enough to refuse', async () => {
    const world = { ...split(), resolve: async () => ['127.0.0.2', '10.0.0.1'] }
    expect((await failure(safeFetch(world, at('/ok', 'both.test'), SENT))).code).toBe('forbidden_address')
  })

  test('the next address is tried when the first refuses', async () => {
    const world = { ...split(), allows: () => true, resolve: async () => ['127.0.0.3', '127.0.0.2'] }
    expect((await safeFetch(world, at('/ok', 'two.test'), SENT)).body).toBe('fine')
  })

  test('redirects are followed three times, and checked each time', async () => {
    expect((await safeFetch(split(), at('/redirect/2'), SENT)).body).toBe('fine')
    expect((await failure(safeFetch(split(), at('/redirect/3'), SENT))).code).toBe('too_many_redirects')
    const before = privateHits
    expect((await failure(safeFetch(split(), at('/inside'), SENT))).code).toBe('forbidden_address')
    expect(privateHits).toBe(before)
    expect((await failure(safeFetch(split(), at('/file'), SENT))).code).toBe('bad_url')
  })

  test('a POST is not redirected', async () => {
    const reply = await safeFetch(split(), at('/redirect/0'), { ...SENT, method: 'POST', body: '{}' })
    expect(reply.status).toBe(302)
    expect(new URL(seen.at(-1)!.url).pathname).toBe('/redirect/0')
  })

  test('an endless answer is cut off', async () => {
    expect((await failure(safeFetch(split(), at('/huge'), SENT))).code).toBe('too_large')
    const small = { ...SENT, maxBytes: 3 }
    expect((await failure(safeFetch(split(), at('/ok'), small))).code).toBe('too_large')
    expect((await safeFetch(split(), at('/ok'), { ...SENT, maxBytes: 4 })).body).toBe('fine')
  })

  test('a packed answer is not unpacked', async () => {
    const { body } = await safeFetch(split(), at('/packed'), SENT)
    expect(body.length).toBeLessThan(10_000)
  })

  test('what hangs is given up: before the answer, within it, and in the resolver', async () => {
    const short = { timeoutMs: 100 }
    expect((await failure(safeFetch(split(), at('/hang'), short))).code).toBe('timed_out')
    expect((await failure(safeFetch(split(), at('/drip'), short))).code).toBe('timed_out')
    const slow = { ...split(), resolve: () => new Promise<string[]>(() => {}) }
    expect((await failure(safeFetch(slow, at('/ok', 'slow.test'), short))).code).toBe('timed_out')
  })

  test('what nobody answers says so', async () => {
    const closed = await failure(safeFetch(split(), 'http://127.0.0.2:1/', SENT))
    expect([closed.code, closed.message]).toEqual(['unreachable', 'The connection failed (ECONNREFUSED)'])
    expect((await failure(safeFetch(split(), at('/', 'nowhere.test'), SENT))).code).toBe('unresolvable')
  })

  test.each(['ftp://127.0.0.2/', 'file:///etc/passwd', 'nonsense', 'http://user:pass@127.0.0.2/'])(
    '%s is not fetched',
    async (url) => {
      expect((await failure(safeFetch(split(), url, SENT))).code).toBe('bad_url')
    },
  )

  test.each(['127.0.0.1', '127.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0', 'localhost'])(
    'the private network as %s is refused, unless configured otherwise',
    async (host) => {
      const url = `http://${host}:${privateServer.port}/`
      const config = readConfig({})
      const before = privateHits
      expect((await failure(safeFetch(outside(config), url, SENT))).code).toBe('forbidden_address')
      expect(privateHits).toBe(before)
    },
  )

  test('the private network is reached when it is allowed', async () => {
    const config = readConfig({}, { allowPrivateUrls: true })
    const { body } = await safeFetch(outside(config), `http://127.0.0.1:${privateServer.port}/`, SENT)
    expect(body).toBe('secret')
  })
})

describe('safeFetch over TLS', () => {
  test.skipIf(!Bun.which('openssl'))(
    'the certificate must be for the name, though the connection goes to the address',
    async () => {
      const { cert, key } = await certificate('good.test')
      const server = Bun.serve({ hostname: '127.0.0.2', port: 0, tls: { cert, key }, fetch: answer })
      const names = { 'good.test': ['127.0.0.2'], 'evil.test': ['127.0.0.2'] }
      const world = { ...split(names), ca: cert }
      const { body } = await safeFetch(world, `https://good.test:${server.port}/ok`, SENT)
      expect(body).toBe('fine')
      expect(seen.at(-1)!.host).toBe(`good.test:${server.port}`)
      const evil = await failure(safeFetch(world, `https://evil.test:${server.port}/ok`, SENT))
      expect(evil.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
      const address = await failure(safeFetch(world, `https://127.0.0.2:${server.port}/ok`, SENT))
      expect(address.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
      const unknown = split({ 'good.test': ['127.0.0.2'] })
      const untrusted = await failure(safeFetch(unknown, `https://good.test:${server.port}/ok`, SENT))
      expect(untrusted.message).toContain('SELF_SIGNED')
      await server.stop(true)
    },
  )
})

async function certificate(name: string) {
  const made = Bun.spawn(
    [
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ].concat(['-keyout', '-', '-out', '-', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]),
    { stderr: 'ignore' },
  )
  const pem = await new Response(made.stdout).text()
  const part = (kind: string) =>
    pem.match(new RegExp(`-----BEGIN ${kind}[^]*?-----END ${kind}-----`))?.[0] ?? ''
  return { cert: part('CERTIFICATE'), key: part('PRIVATE KEY') }
}

describe('isPublic', () => {
  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450::1'])('%s is', (address) => {
    expect(isPublic(address)).toBe(true)
  })

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.1',
    '192.168.0.1',
    '198.18.0.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    'nonsense',
  ])('%s is not', (address) => {
    expect(isPublic(address)).toBe(false)
  })
})
