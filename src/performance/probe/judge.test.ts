import { describe, expect, test } from 'bun:test'
import { judge } from './judge.ts'
import { convoy } from './parallel.ts'
import type { EndpointProbe, ProbeReport } from './report.ts'

const flat = (ms: number) => ({ median: ms, min: ms, max: ms })

/** An endpoint that answers within a millisecond, but for what is given. */
const endpoint = (path: string, fields: Partial<EndpointProbe> = {}): EndpointProbe => ({
  method: 'GET',
  path,
  is_idle: path === '/healthz',
  status: 200,
  is_expected: true,
  connect: flat(0.2),
  tls: null,
  wait: flat(1),
  transfer: flat(0),
  kept_wait: flat(1),
  server: null,
  db: null,
  queue: null,
  body_bytes: 100,
  bytes_per_second: null,
  content_type: 'application/json',
  content_encoding: '',
  is_kept: true,
  failure: null,
  ...fields,
})

const report = (fields: Partial<ProbeReport> = {}): ProbeReport => ({
  url: 'http://zimmer.test/',
  probed_url: 'http://zimmer.test/',
  started_at: '2026-01-01T00:00:00.000Z',
  rounds: 5,
  is_zimmer: true,
  cut_short: false,
  lookup: { host: 'zimmer.test', first: 1, later: flat(1) },
  addresses: [{ address: '127.0.0.1', family: 4, connect: flat(0.2), failure: null }],
  used_address: '127.0.0.1',
  redirects: [],
  tls: null,
  endpoints: [endpoint('/healthz'), endpoint('/api/me')],
  parallel: {
    path: '/healthz',
    alone: flat(1),
    together: { count: 12, wait: flat(3) },
    paced: { count: 12, every: 20, wait: flat(1), convoy: 0 },
  },
  failure: null,
  sign_in: null,
  verdict: [],
  ...fields,
})

const codes = (fields: Partial<ProbeReport>) => judge(report(fields)).map(({ code }) => code)
const far = { addresses: [{ address: '127.0.0.1', family: 4 as const, connect: flat(150), failure: null }] }

describe('the verdict', () => {
  test('is empty when all is well', () => {
    expect(codes({})).toEqual([])
  })

  test('puts failures first, then the dearest, then what is good to know', () => {
    const found = judge(
      report({
        lookup: { host: 'zimmer.test', first: 120, later: flat(1) },
        endpoints: [
          endpoint('/healthz'),
          endpoint('/api/me', { wait: flat(400) }),
          endpoint('/a', { transfer: flat(700) }),
          endpoint('/b', { status: 500, is_expected: false }),
        ],
      }),
    )
    expect(found.map(({ code, level }) => `${level} ${code}`)).toEqual([
      'failure server_error',
      'finding slow_transfer',
      'finding slow_server',
      'note slow_lookup',
    ])
  })

  test('does not blame the server for the network', () => {
    const over = (ms: number) => ({ connect: flat(150), wait: flat(ms), kept_wait: flat(ms) })
    const endpoints = [endpoint('/healthz', over(151)), endpoint('/api/me', over(155))]
    const parallel = report().parallel && {
      path: '/healthz',
      alone: flat(151),
      together: { count: 12, wait: flat(153) },
      paced: { count: 12, every: 20, wait: flat(151), convoy: 0 },
    }
    expect(codes({ ...far, endpoints, parallel })).toEqual(['slow_network'])
    // A far and slow server is both.
    const both = [...endpoints, endpoint('/slow', over(550))]
    expect(codes({ ...far, endpoints: both, parallel }).sort()).toEqual(['slow_network', 'slow_server'])
  })

  test('knows the symptom that began it: every endpoint takes two seconds, and none of it is the server', () => {
    const addresses = [
      {
        address: '::1',
        family: 6 as const,
        connect: null,
        failure: { code: 'refused', detail: 'ECONNREFUSED', after: 2_031 },
      },
      { address: '127.0.0.1', family: 4 as const, connect: flat(0.2), failure: null },
    ]
    const [first, ...rest] = judge(report({ addresses }))
    expect(rest).toEqual([])
    expect(first).toMatchObject({ code: 'ipv6_fails', level: 'finding', cost: 2_031 })
    expect(first?.evidence).toBe('::1: refused after 2.0 s; 127.0.0.1 answers')
  })

  test('tells what a server says of itself from what lies before it', () => {
    const told = { wait: flat(300), server: flat(5), db: flat(1) }
    expect(codes({ endpoints: [endpoint('/api/me', told)] })).toEqual(['slow_between'])
    expect(codes({ endpoints: [endpoint('/api/me', { ...told, server: flat(290) })] })).toEqual([
      'slow_server',
    ])
    const query = { ...told, server: flat(290), db: flat(280) }
    expect(codes({ endpoints: [endpoint('/api/me', query)] })).toEqual(['slow_query'])
  })

  test('a proxy is not blamed while one endpoint comes through quickly', () => {
    const slow = { wait: flat(300), server: flat(5) }
    expect(codes({ endpoints: [endpoint('/api/me', slow), endpoint('/healthz')] })).toEqual([])
  })

  test('one slow endpoint is not the event loop; all of them waiting for the same moment are', () => {
    const paced = { count: 12, every: 20, wait: { median: 140, min: 20, max: 260 }, convoy: 0.8 }
    const parallel = { path: '/healthz', alone: flat(140), together: { count: 12, wait: flat(140) }, paced }
    const endpoints = [endpoint('/healthz', { wait: flat(140) }), endpoint('/api/me', { wait: flat(290) })]
    expect(codes({ endpoints, parallel })).toEqual(['saturated'])
    const even = { ...parallel, paced: { ...paced, convoy: 0 } }
    expect(codes({ endpoints, parallel: even }).sort()).toEqual(['slow_between', 'slow_server'])
  })

  test('a server that says that its event loop was late is believed', () => {
    const late = { wait: flat(130), server: flat(2), queue: flat(120) }
    const endpoints = [endpoint('/healthz'), endpoint('/api/me', late), endpoint('/api/user/usage', late)]
    expect(codes({ endpoints, parallel: null })).toEqual(['saturated'])
  })

  test('a handshake is held against the network it crosses', () => {
    const certificate = {
      subject: 'zimmer.test',
      issuer: 'CA',
      names: 'DNS:zimmer.test',
      valid_from: '',
      valid_to: '',
      days_left: 60,
      problem: null,
    }
    const tls = (protocol: string, ms: number) => ({ protocol, cipher: '', handshake: flat(ms), certificate })
    const over = { connect: flat(90), wait: flat(91) }
    const addresses = [{ address: '10.0.0.1', family: 4 as const, connect: flat(90), failure: null }]
    const near = {
      addresses,
      used_address: '10.0.0.1',
      endpoints: [endpoint('/healthz', over)],
      parallel: null,
    }
    expect(codes({ ...near, tls: tls('TLSv1.3', 110) })).toEqual([])
    expect(codes({ ...near, tls: tls('TLSv1.2', 210) })).toEqual([])
    expect(codes({ ...near, tls: tls('TLSv1.3', 210) })).toEqual(['slow_tls'])
    const ending = { ...tls('TLSv1.3', 110), certificate: { ...certificate, days_left: 13 } }
    expect(codes({ ...near, tls: ending })).toEqual(['certificate_expires'])
  })

  test('a connection that takes a second more lost a packet', () => {
    const connect = { median: 20, min: 20, max: 1_025 }
    expect(codes({ endpoints: [endpoint('/healthz', { connect, wait: flat(21) })] })).toEqual([
      'lost_packets',
    ])
  })

  test('one finding for each way to fail', () => {
    const lost = { wait: null, failure: { code: 'silent', detail: 'nothing', after: 5_000 } }
    const refused = { status: 403, is_expected: false }
    const endpoints = [
      endpoint('/a', lost),
      endpoint('/b', lost),
      endpoint('/c', refused),
      endpoint('/healthz'),
    ]
    const found = judge(report({ endpoints }))
    expect(found.map(({ code }) => code)).toEqual(['silent', 'unexpected_status'])
    expect(found[0]?.evidence).toContain('/a, /b')
  })
})

test('a convoy: sent apart, answered together', () => {
  const sent = (answers: number[]) => answers.map((answeredAt, i) => ({ sentAt: i * 20, answeredAt }))
  expect(convoy(sent([100, 120, 140, 160, 180]))).toBe(0)
  expect(convoy(sent([300, 300, 301, 301, 302]))).toBe(1)
  expect(convoy(sent([40, 80, 120, 160, 200]))).toBe(0)
  expect(convoy(sent([60, 61, 62, 200, 201]))).toBe(0.75)
  expect(convoy([])).toBe(0)
})
