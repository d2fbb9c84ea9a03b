import { failureFinding } from './failure-words.ts'
import { FELT_MS, levelOf, roundTripMs, span } from './finding.ts'
import type { EndpointProbe, Finding, ParallelProbe, ProbeReport } from './report.ts'
import { spread } from './spread.ts'

/** An endpoint that does nothing and is waited for so long on average: something holds the server. */
const HELD_MS = 50
/** As many at once as waited so many times longer than one alone wait for one another. */
const GROWTH = 3
const CONVOY = 0.6
/** While the server is held, what an endpoint takes is mostly that. */
const BEYOND_HELD = 3
const WORTH_PACKING_BYTES = 10_000
/** Text usually packs to less than a third. */
const PACKED_SHARE = 0.3
const MOST_NAMED = 4

/** What happens from the request on: the server, what stands before it, and how the answer travels. */
export function endpointFindings(report: ProbeReport): Finding[] {
  const held = heldFinding(report)
  return [
    ...(held ? [held] : []),
    ...slowFindings(report, held?.cost ?? 0),
    ...(held ? [] : betweenFindings(report)),
    ...transferFindings(report),
    ...keepAliveFindings(report),
    ...statusFindings(report),
    ...signInFindings(report),
  ]
}

/** Beyond the network, at the endpoint that does the least. */
function idleMs(report: ProbeReport) {
  const idle = report.endpoints.find(({ is_idle }) => is_idle)
  return Math.max(0, (idle?.wait?.median ?? 0) - roundTripMs(report))
}

function heldFinding(report: ProbeReport): Finding | null {
  const { parallel } = report
  const roundTrip = roundTripMs(report)
  const late = lateMs(report)
  const evidence = [
    parallel ? growth(parallel, roundTrip) : null,
    parallel ? convoyed(parallel, roundTrip) : null,
    late >= HELD_MS ? `the server says that its event loop was ${span(late)} late` : null,
  ].filter((one) => one !== null)
  if (evidence.length === 0) return null
  const waits = [parallel?.together.wait.median ?? 0, parallel?.paced.wait.median ?? 0]
  return {
    code: 'saturated',
    level: 'finding',
    cost: Math.max(late, ...waits.map((wait) => wait - roundTrip)),
    says: `The server is saturated: requests wait for its event loop, or for one another${parallel ? `, even ${parallel.path}` : ''}.`,
    evidence: evidence.join('; '),
    advice:
      'Look at its CPU and event-loop lag (/metrics); find what computes without a pause, or give it more cores. ' +
      'An index will not help here.',
  }
}

/** How late the server's event loop is, as it says itself: the middle one of its endpoints. */
const lateMs = ({ endpoints }: ProbeReport) =>
  spread(endpoints.flatMap(({ queue }) => queue?.median ?? []))?.median ?? 0

/** Many at once wait many times as long as one alone. */
function growth({ alone, together: { count, wait } }: ParallelProbe, roundTrip: number) {
  const one = Math.max(0, alone.median - roundTrip)
  const many = wait.median - roundTrip
  if (many < HELD_MS || many < GROWTH * one) return null
  return `${count} requests at once wait ${span(many)} each, one alone ${span(one)}`
}

/** Requests that were sent apart are answered together. */
function convoyed({ paced: { count, every, wait, convoy } }: ParallelProbe, roundTrip: number) {
  if (convoy < CONVOY || wait.median - roundTrip < HELD_MS) return null
  return (
    `of ${count} requests sent ${every} ms apart, ${Math.round(convoy * 100)} % were answered in the same moment ` +
    `as the one before, after ${span(wait.min)} to ${span(wait.max)}`
  )
}

interface Slow {
  endpoint: EndpointProbe
  ownMs: number
  dbMs: number
}

/** What the server itself takes, as it says, or else what is left of waiting. */
function slowOf(report: ProbeReport, endpoint: EndpointProbe): Slow {
  const left = (endpoint.wait?.median ?? 0) - roundTripMs(report) - (endpoint.is_idle ? 0 : idleMs(report))
  const isIdleAlone = endpoint.is_idle && !endpoint.server
  return {
    endpoint,
    ownMs: isIdleAlone ? 0 : Math.max(0, endpoint.server?.median ?? left),
    dbMs: endpoint.db?.median ?? 0,
  }
}

function slowFindings(report: ProbeReport, heldMs: number): Finding[] {
  const least = Math.max(FELT_MS, BEYOND_HELD * heldMs)
  const slow = report.endpoints
    .map((endpoint) => slowOf(report, endpoint))
    .filter(({ ownMs }) => ownMs >= least)
    .sort((a, b) => b.ownMs - a.ownMs)
  const isQuery = ({ dbMs, ownMs }: Slow) => dbMs >= ownMs / 2
  const queries = slow.filter(isQuery)
  const handlers = slow.filter((one) => !isQuery(one))
  const found: Finding[] = []
  if (queries[0]) {
    found.push({
      code: 'slow_query',
      level: 'finding',
      cost: queries[0].dbMs,
      says: `The database is slow at ${named(queries.map(({ endpoint }) => endpoint))}.`,
      evidence: queries
        .map((one) => `${evidenceOf(one)}, ${span(one.dbMs)} of it in the database`)
        .join('; '),
      advice: '`zimmer doctor` finds missing indexes and slow statements, `zimmer optimize` mends them.',
    })
  }
  if (handlers[0]) {
    const isTold = handlers[0].endpoint.server !== null
    found.push({
      code: 'slow_server',
      level: 'finding',
      cost: handlers[0].ownMs,
      says: `The server itself is slow at ${named(handlers.map(({ endpoint }) => endpoint))}.`,
      evidence: handlers.map(evidenceOf).join('; '),
      advice: isTold
        ? 'It is not the database: look at what the handler computes or calls (slow-request log).'
        : 'Probe a Zimmer with --token of staff: its Server-Timing tells queries from the rest. Else read its log.',
    })
  }
  return found
}

function named(endpoints: readonly EndpointProbe[]) {
  const names = endpoints.map(({ method, path }) => (method === 'GET' ? path : `${method} ${path}`))
  const more = names.length - MOST_NAMED
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

const evidenceOf = ({ endpoint: { path, wait, server }, ownMs }: Slow) =>
  server
    ? `${path}: the server says ${span(ownMs)} of ${span(wait?.median ?? 0)} waiting`
    : `${path}: ${span(wait?.median ?? 0)} waiting, of which the network explains all but ${span(ownMs)}`

/** Neither the network nor the server accounts for it, and it does not grow with load. */
function betweenFindings(report: ProbeReport): Finding[] {
  const roundTrip = roundTripMs(report)
  const told = report.endpoints
    .filter(({ is_idle, server }) => is_idle || server)
    .flatMap(({ path, wait, server }) => {
      const lostMs = (wait?.median ?? 0) - roundTrip - (server?.median ?? 0)
      return wait && lostMs >= FELT_MS ? { path, lostMs, wait: wait.median, own: server?.median ?? 0 } : []
    })
  // Every one of them passes through it: an endpoint that does not is proof against it.
  const least = told.sort((a, b) => a.lostMs - b.lostMs)[0]
  const asked = report.endpoints.filter(({ is_idle, server, wait }) => wait && (is_idle || server)).length
  if (!least || told.length < asked) return []
  return [
    {
      code: 'slow_between',
      level: 'finding',
      cost: least.lostMs,
      says: 'Something between here and the server holds every request: a proxy, a tunnel, a virus scanner.',
      evidence:
        `${least.path} waits ${span(least.wait)}, connecting takes ${span(roundTrip)}, the server ` +
        `${least.own > 0 ? span(least.own) : 'has next to nothing to do'}, and it does not grow with load`,
      advice: 'Probe from the machine of the server, past the proxy: if that is quick, look at the proxy.',
    },
  ]
}

function transferFindings({ endpoints }: ProbeReport): Finding[] {
  const found: Finding[] = []
  const slowest = [...endpoints].sort((a, b) => (b.transfer?.median ?? 0) - (a.transfer?.median ?? 0))[0]
  const took = slowest?.transfer?.median ?? 0
  if (slowest && took >= FELT_MS) {
    found.push({
      code: 'slow_transfer',
      level: 'finding',
      cost: took,
      says: `The answer of ${slowest.path} travels long.`,
      evidence: `${slowest.body_bytes} bytes in ${span(took)}: ${slowest.bytes_per_second} bytes a second`,
      advice:
        'A thin line, or a server that writes its answer bit by bit: compare from the machine of the server.',
    })
  }
  const loose = endpoints
    .filter(
      ({ content_encoding, content_type, body_bytes }) =>
        /^$|identity/.test(content_encoding) &&
        /json|text|xml|javascript/.test(content_type) &&
        body_bytes >= WORTH_PACKING_BYTES,
    )
    .sort((a, b) => b.body_bytes - a.body_bytes)[0]
  if (loose) {
    const cost = (loose.transfer?.median ?? 0) * (1 - PACKED_SHARE)
    found.push({
      code: 'no_compression',
      level: levelOf(cost),
      cost,
      says: `${loose.path} is sent without compression.`,
      evidence: `${loose.body_bytes} bytes of ${loose.content_type}, although gzip was offered; ${span(loose.transfer?.median ?? 0)}`,
      advice:
        'Let the server or the proxy compress text (for nginx: gzip on; gzip_proxied any; gzip_types …).',
    })
  }
  return found
}

function keepAliveFindings({ endpoints, tls }: ProbeReport): Finding[] {
  const answered = endpoints.filter(({ wait }) => wait)
  if (answered.length === 0 || answered.some(({ is_kept }) => is_kept)) return []
  const cost = (answered[0]?.connect?.median ?? 0) + (tls?.handshake.median ?? 0)
  return [
    {
      code: 'no_keep_alive',
      level: levelOf(cost),
      cost,
      says: 'The server closes the connection after each answer.',
      evidence: `so each request pays for a new one: ${span(cost)}`,
      advice:
        'Turn keep-alive on (for nginx towards Zimmer: proxy_http_version 1.1 and an empty Connection header).',
    },
  ]
}

/** One finding for each way to fail, whoever fails in it. */
function statusFindings(report: ProbeReport): Finding[] {
  const ways = new Map<string, EndpointProbe[]>()
  for (const endpoint of report.endpoints) {
    const { failure, status, is_expected: isExpected } = endpoint
    if (isExpected && !failure) continue
    const way = failure?.code ?? String(status)
    ways.set(way, [...(ways.get(way) ?? []), endpoint])
  }
  return [...ways.values()].flatMap((failed) => statusFinding(report, failed) ?? [])
}

function statusFinding(report: ProbeReport, failed: readonly EndpointProbe[]): Finding | null {
  const [first] = failed
  if (!first) return null
  const names = named(failed)
  const { status, failure } = first
  if (failure) {
    const finding = failureFinding(report, failure)
    return { ...finding, evidence: `${names}: ${finding.evidence}` }
  }
  const isServers = status >= 500
  return {
    code: isServers ? 'server_error' : status === 429 ? 'rate_limited' : 'unexpected_status',
    level: isServers ? 'failure' : status === 429 ? 'note' : 'finding',
    cost: 0,
    says: `Not what is expected: status ${status} at ${names}.`,
    evidence: `status ${status}`,
    advice: adviceFor(status),
  }
}

function adviceFor(status: number) {
  if (status === 502 || status === 504) return 'The proxy does not reach the server: look whether it runs.'
  if (status === 503) return 'It is overloaded, not ready, or has lost its database: GET /health says which.'
  if (status >= 500) return 'Look at the log of the server; its request id is in the answer.'
  if (status === 429) return 'It was asked too often: its figures are those of a refusal. Try again later.'
  if (status === 401) return 'The token is not valid (any more).'
  if (status === 403)
    return 'This caller may not: use an account of staff. Its figures are those of a refusal.'
  return 'Look whether this is the right address; its figures are those of this answer.'
}

function signInFindings({ sign_in: signIn }: ProbeReport): Finding[] {
  if (!signIn || signIn.is_signed_in) return []
  return [
    {
      code: 'sign_in_refused',
      level: 'finding',
      cost: 0,
      says: 'Signing in did not work, so endpoints that need a caller were left out.',
      evidence: signIn.status > 0 ? `POST /api/auth/login: status ${signIn.status}` : 'no answer',
      advice:
        'Check e-mail and password (the first line of stdin); after many attempts, wait as long as it says.',
    },
  ]
}
