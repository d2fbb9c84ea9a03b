import { CommandError, EXIT } from '../cli/exit.ts'
import { passwordFromStdin } from '../cli/password.ts'
import { progress } from '../cli/progress.ts'
import { type Cell, counted, table } from '../cli/table.ts'
import { SECOND_MS } from '../lib/time.ts'
import { span } from './probe/finding.ts'
import type { Finding, ProbeReport } from './probe/report.ts'
import type { Spread } from './probe/spread.ts'
import { probe } from './probe.ts'

export interface ProbeFlags {
  rounds: number
  /** Seconds, for each phase. */
  timeout: number
  /** Seconds, for all of it. */
  limit: number
  token?: string
  tokenStdin?: boolean
  email?: string
  json?: boolean
}

/** @returns 1 when something is wrong or slow; notes alone are well. */
export async function probeCommand(given: string, flags: ProbeFlags): Promise<number> {
  const url = urlOf(given)
  const { token, tokenStdin, email, json = false } = flags
  if ([token, tokenStdin, email].filter(Boolean).length > 1) {
    throw new CommandError('give one of --token, --token-stdin and --email', EXIT.usage)
  }
  if (token !== undefined && !TOKEN.test(token)) throw badToken()
  const secret = tokenStdin || email ? await passwordFromStdin() : null
  if (tokenStdin && secret !== null && !TOKEN.test(secret)) throw badToken()
  const bar = shownProgress(url)
  const report = await probe(
    {
      url,
      rounds: flags.rounds,
      timeoutMs: flags.timeout * SECOND_MS,
      overallMs: flags.limit * SECOND_MS,
      token: tokenStdin ? secret : (token ?? null),
      signIn: email && secret !== null ? { email, password: secret } : null,
    },
    undefined,
    bar.at,
  ).finally(bar.end)
  console.log(json ? JSON.stringify(report) : textOf(report))
  return report.verdict.some(({ level }) => level !== 'note') ? EXIT.failure : EXIT.well
}

/** Also while nothing comes back: that is when one wonders. */
function shownProgress(url: URL) {
  const bar = progress(`probing ${url.host}`)
  let at: [number, number] = [0, 1]
  const timer = setInterval(() => bar.at(...at), REDRAW_MS)
  return {
    at: (done: number, total: number) => {
      at = [done, total]
    },
    end: () => {
      clearInterval(timer)
      bar.end()
    },
  }
}

const REDRAW_MS = 200

/** What may stand in a header without ending it. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/

const badToken = () => new CommandError('the token must be one word of printable characters', EXIT.usage)

function urlOf(given: string): URL {
  const usage = (message: string) => new CommandError(message, EXIT.usage)
  if (!/^https?:\/\//i.test(given)) {
    const scheme = /^(localhost|127\.|\[)/.test(given) ? 'http' : 'https'
    const isOther = /^[a-z][a-z0-9+.-]*:\/\//i.test(given)
    throw usage(
      isOther
        ? 'only http:// and https:// can be probed'
        : `a URL begins with http:// or https://; did you mean ${scheme}://${given}?`,
    )
  }
  if (!URL.canParse(given)) throw usage(`this is no URL: ${given}`)
  const url = new URL(given)
  if (url.username || url.password)
    throw usage('a URL with a password ends up in logs: use --token-stdin or --email')
  if (url.port === '0') throw usage('port 0 is no port to connect to')
  url.hash = ''
  return url
}

function textOf(report: ProbeReport): string {
  return [headOf(report), addressesOf(report), endpointsOf(report), parallelOf(report), verdictOf(report)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function headOf({
  url,
  probed_url: probed,
  lookup,
  tls,
  is_zimmer: isZimmer,
  rounds,
  cut_short: isCut,
}: ProbeReport) {
  const lines = [`${url}${probed === url ? '' : ` -> ${probed}`}`]
  if (lookup) lines.push(`name look-up  ${ms(lookup.first)} at first, then ${middle(lookup.later)}`)
  if (tls) {
    const { protocol, cipher, handshake, certificate } = tls
    const until = certificate.valid_to.slice(0, 10)
    lines.push(`TLS           ${protocol}, ${cipher}, ${middle(handshake)}; certificate until ${until}`)
  }
  if (rounds > 0) {
    const what = isZimmer ? 'a Zimmer' : 'some web server'
    lines.push(
      `${what}, ${counted(rounds, 'round')}${isCut ? ', the time ran out' : ''}; milliseconds: median (least to most)`,
    )
  }
  return lines.join('\n')
}

function addressesOf({ addresses, used_address: used }: ProbeReport) {
  if (addresses.length === 0) return ''
  return table(
    ['address', '', 'connect', ''],
    addresses.map(({ address, family, connect, failure }) => [
      address,
      `IPv${family}`,
      failure ? `${failure.code} after ${ms(failure.after)}` : middle(connect),
      address === used ? 'used' : '',
    ]),
  )
}

function endpointsOf({ endpoints, tls }: ProbeReport) {
  if (endpoints.length === 0) return ''
  const headings = [
    'endpoint',
    'status',
    'connect',
    'TLS',
    'wait',
    'kept',
    'server',
    'db',
    'transfer',
    'bytes',
  ]
  const rows = endpoints.map((one): Cell[] => [
    one.method === 'GET' ? one.path : `${one.method} ${one.path}`,
    one.failure ? one.failure.code : one.status,
    short(one.connect),
    short(one.tls),
    middle(one.wait),
    middle(one.kept_wait),
    short(one.server),
    short(one.db),
    short(one.transfer),
    one.body_bytes,
  ])
  const shown = (column: number) => column !== 3 || tls !== null
  return table(
    headings.filter((_, i) => shown(i)),
    rows.map((row) => row.filter((_, i) => shown(i))),
  )
}

function parallelOf({ parallel }: ProbeReport) {
  if (!parallel) return ''
  const { path, alone, together, paced } = parallel
  return (
    `${path} alone ${middle(alone)}; ${together.count} at once ${middle(together.wait)}; ` +
    `${paced.count} at a pace of ${paced.every} ms ${middle(paced.wait)}`
  )
}

function verdictOf({ verdict }: ProbeReport) {
  const isWell = !verdict.some(({ level }) => level !== 'note')
  const lines = verdict.map(findingText)
  return [...(isWell ? ['All is well: nothing takes long enough to be felt.'] : []), ...lines].join('\n\n')
}

function findingText({ level, code, cost, says, evidence, advice }: Finding) {
  const price = level !== 'failure' && cost > 0 ? `, costs ${span(cost)}` : ''
  return `${level} ${code}${price}\n  ${says}\n  Evidence: ${evidence}\n  Next: ${advice}`
}

const ms = (value: number) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
const short = (spread: Spread | null) => (spread ? ms(spread.median) : '-')
const middle = (spread: Spread | null) =>
  spread ? `${ms(spread.median)} (${ms(spread.min)} to ${ms(spread.max)})` : '-'
