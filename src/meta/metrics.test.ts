import { describe, expect, test } from 'bun:test'
import { testZimmer } from '../../test/zimmer.ts'

const SAMPLE = /^[a-zA-Z_:][\w:]*(\{\w+="(\\.|[^"\\])*"(,\w+="(\\.|[^"\\])*")*\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/
const COMMENT = /^# (HELP|TYPE) [a-zA-Z_:][\w:]* \S/

const TOKEN = 'a token for the scraper'

describe('GET /metrics', () => {
  test('it is what Prometheus reads, with the requests by route', async () => {
    await using zimmer = await testZimmer('sqlite')
    await zimmer.anyone.get('/healthz')
    const { status, text, headers } = await zimmer.anyone.get('/metrics')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toStartWith('text/plain; version=0.0.4')
    const wrong = text.split('\n').filter((line) => line && !SAMPLE.test(line) && !COMMENT.test(line))
    expect(wrong).toEqual([])
    expect(text).toMatch(
      /^zimmer_http_request_duration_seconds_bucket\{method="GET",route="\/healthz",le="10"\} 1$/m,
    )
    expect(text).toMatch(/^zimmer_http_requests_total\{method="GET",route="\/healthz",status="2xx"\} 1$/m)
    expect(text).toMatch(/^zimmer_memory_resident_bytes \d{7,}$/m)
  })

  test('with a token it asks everybody for it', async () => {
    await using zimmer = await testZimmer('sqlite', { config: { metricsToken: TOKEN } })
    const read = async (headers?: Record<string, string>) =>
      (await zimmer.anyone.get('/metrics', headers)).status
    expect(await read()).toBe(401)
    expect(await read({ authorization: 'Bearer another token' })).toBe(401)
    expect(await read({ authorization: `Bearer ${TOKEN}` })).toBe(200)
  })

  test('without one, who comes through a proxy that nobody vouched for may not', async () => {
    await using zimmer = await testZimmer('sqlite')
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
      const { status, body } = await zimmer.anyone.get('/metrics', { [header]: '127.0.0.1' })
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'metrics_local' })
    }
  })

  test('without one, who comes from elsewhere through a trusted proxy may not', async () => {
    await using zimmer = await testZimmer('sqlite', { config: { trustedProxies: ['127.0.0.0/8'] } })
    const from = async (address: string) =>
      (await zimmer.anyone.get('/metrics', { 'x-forwarded-for': address })).status
    expect(await from('203.0.113.9')).toBe(403)
    expect(await from('127.0.0.1, 203.0.113.9')).toBe(403)
    expect(await from('127.0.0.1')).toBe(200)
  })
})
