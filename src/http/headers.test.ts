import { describe, expect, test } from 'bun:test'
import { Client, testZimmer } from '../../test/zimmer.ts'
import { anyone } from '../accounts/callers.ts'
import { Refusal } from '../lib/refusal.ts'
import { route } from './route.ts'
import { serve } from './server.ts'

describe('headers of a refused reply', () => {
  test('what the handler added stays, but for what describes a content that is not sent', async () => {
    await using zimmer = await testZimmer('sqlite', { config: { rateLimits: true } })
    const refusing = route({
      method: 'GET',
      path: '/refusing',
      summary: 'Says no',
      tag: 'Test',
      caller: anyone,
      limit: { points: 2, seconds: 60 },
      targetMs: 100,
      handle: ({ reply }) => {
        reply.header('set-cookie', 'a=; Max-Age=0')
        reply.header('set-cookie', 'b=; Max-Age=0')
        reply.header('content-type', 'text/csv')
        reply.header('link', '</next>; rel="next"')
        throw new Refusal('conflict', 'no', 'No')
      },
    })
    const serving = serve(zimmer.app, [refusing])
    const client = new Client(serving.url)
    const { status, headers } = await client.get('/refusing')
    expect({ status, cookies: headers.getSetCookie() }).toEqual({
      status: 409,
      cookies: ['a=; Max-Age=0', 'b=; Max-Age=0'],
    })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('link')).toBeNull()
    expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual(['2', '1'])

    await client.get('/refusing')
    const third = await client.get('/refusing')
    expect(third.status).toBe(429)
    expect([third.headers.get('ratelimit-limit'), third.headers.get('ratelimit-remaining')]).toEqual([
      '2',
      '0',
    ])
    expect(third.headers.get('ratelimit-reset')).toBe(third.headers.get('retry-after') as string)
    await serving.stop(true)
  })

  test('a refresh token that is of no use any more is taken back', async () => {
    await using zimmer = await testZimmer('sqlite')
    const refresh = (cookie: string) => zimmer.anyone.post('/api/auth/refresh', undefined, { cookie })
    const ended = await refresh('refresh_token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
    expect(ended.status).toBe(401)
    expect(ended.headers.get('set-cookie')).toMatch(/^refresh_token=;.*(Max-Age=0|1970)/i)
  })
})

test('a 401 says how to sign in: by bearer token, or by service token', async () => {
  await using zimmer = await testZimmer('sqlite')
  expect((await zimmer.anyone.get('/api/me')).headers.get('www-authenticate')).toBe('Bearer')
  const balance = '/api/automation-usage/balance?user_automation_id=1'
  const { status, headers } = await zimmer.anyone.get(balance)
  expect({ status, challenge: headers.get('www-authenticate') }).toEqual({
    status: 401,
    challenge: 'ServiceToken header="X-Zimmer-Service-Token"',
  })
})

test('a page of a configured origin may read every header that is meant for it', async () => {
  await using zimmer = await testZimmer('sqlite', { config: { corsOrigins: ['https://app.example.com'] } })
  const { headers } = await zimmer.anyone.get('/healthz', { origin: 'https://app.example.com' })
  const exposed = headers.get('access-control-expose-headers')?.split(', ') ?? []
  for (const name of [
    'etag',
    'link',
    'server-timing',
    'retry-after',
    'x-request-id',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
  ]) {
    expect(exposed).toContain(name)
  }
})

test('the documentation names the headers that a route reads', async () => {
  await using zimmer = await testZimmer('sqlite')
  const { paths } = (await zimmer.anyone.get('/openapi.json')).body
  for (const path of ['/api/automation-usage/consume', '/api/admin/tokens/adjust']) {
    expect(paths[path].post.parameters).toMatchObject([
      { name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 255 } },
    ])
  }
})
