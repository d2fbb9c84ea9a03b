import { Connection, type Exchange, type Target } from './probe/connection.ts'
import { anyEndpoint, zimmerEndpoints } from './probe/endpoints.ts'
import { ProbeError } from './probe/failure.ts'
import { judge } from './probe/judge.ts'
import { probeParallel } from './probe/parallel.ts'
import { probeAddress, resolveHost } from './probe/reach.ts'
import type { ProbeReport } from './probe/report.ts'
import { failureOf, pause, Samples, tlsReport } from './probe/rounds.ts'
import { isZimmerHealth, SignIn } from './probe/sign-in.ts'
import { spread } from './probe/spread.ts'
import { systemWires, type Wires } from './probe/wires.ts'

export interface ProbeOptions {
  /** Without a path: the main endpoints if a Zimmer answers. With one: this path. */
  url: URL
  rounds: number
  /** For each phase: name look-up, connecting, TLS, first byte, transfer. */
  timeoutMs: number
  /** For all of it: rounds that haven't begun by then are left out. */
  overallMs: number
  /** Sent only to the host that was given, and never past a certificate that clients refuse. */
  token?: string | null
  signIn?: { email: string; password: string } | null
}

export type OnStep = (done: number, total: number) => void

const MOST_REDIRECTS = 3
const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * Asks a server from outside, several times, and says where the time goes. It changes nothing there; with
 * `signIn` it begins a session and ends it.
 *
 * @returns what was seen, with the verdict; a host that can't be reached or makes no sense is a verdict as well.
 */
export async function probe(
  options: ProbeOptions,
  wires: Wires = systemWires,
  onStep: OnStep = () => {},
): Promise<ProbeReport> {
  const run = new Run(options, wires, onStep)
  try {
    await run.all()
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error
    run.report.failure = failureOf(error)
  }
  run.report.verdict = judge(run.report)
  return run.report
}

class Run {
  readonly report: ProbeReport
  readonly #deadline: number
  #url: URL
  /** Steps: reaching it, each request of each round, and the parallel ones. */
  #done = 0
  #total = 1

  constructor(
    private readonly options: ProbeOptions,
    private readonly wires: Wires,
    private readonly onStep: OnStep,
  ) {
    this.#url = options.url
    this.#deadline = performance.now() + options.overallMs
    this.report = {
      url: options.url.href,
      probed_url: options.url.href,
      started_at: new Date().toISOString(),
      rounds: 0,
      is_zimmer: false,
      cut_short: false,
      lookup: null,
      addresses: [],
      used_address: null,
      redirects: [],
      tls: null,
      endpoints: [],
      parallel: null,
      failure: null,
      sign_in: null,
      verdict: [],
    }
  }

  async all() {
    const target = await this.#arrive()
    const { token = null, signIn: account } = this.options
    const signIn = new SignIn(this.wires, target)
    if (account && this.#isTrusted && this.report.is_zimmer) this.report.sign_in = await signIn.begin(account)
    try {
      await this.#measure(target, signIn.token ?? (this.#isTrusted ? token : null))
    } finally {
      await signIn.end()
    }
  }

  /** Whether it is who was meant: a redirect may lead anywhere, and a bad certificate may be anybody's. */
  get #isTrusted() {
    return this.#url.hostname === this.options.url.hostname && !this.report.tls?.certificate.problem
  }

  /** Finds an address that answers in HTTP, following redirects to it. */
  async #arrive(): Promise<Target> {
    for (;;) {
      const target = await this.#reach()
      const connection = await Connection.open(this.wires, target)
      this.report.tls = tlsReport(connection.handshake, Date.now())
      const to = await this.#firstAnswer(connection, target)
        .catch(async (error) => {
          throw await this.#orSpeaksTls(error, target)
        })
        .finally(() => connection.close())
      if (!to) return target
      this.#url = to
      this.report.probed_url = to.href
    }
  }

  async #reach(): Promise<Target> {
    const { wires, report, options } = this
    const { lookup, addresses } = await resolveHost(wires, this.#url, options)
    report.lookup = lookup
    report.addresses = await Promise.all(
      addresses.map((address) => probeAddress(wires, this.#url, address, options)),
    )
    this.onStep(this.#done, this.#total)
    const used = report.addresses.find(({ failure }) => failure === null)
    if (used) {
      report.used_address = used.address
      return { url: this.#url, address: used.address, timeoutMs: options.timeoutMs }
    }
    const { code, detail, after } = report.addresses[0]?.failure ?? {
      code: 'unreachable',
      detail: '',
      after: 0,
    }
    throw new ProbeError(code as ProbeError['code'], detail, after)
  }

  /** @returns where it sends us, if it does. */
  async #firstAnswer(connection: Connection, target: Target): Promise<URL | null> {
    const { pathname, search } = this.#url
    const isBare = pathname === '/' && search === ''
    const first = await this.#ask(connection, isBare ? '/health' : pathname + search)
    if (isBare && isZimmerHealth(first)) {
      this.report.is_zimmer = true
      return null
    }
    const to = this.#redirect(first)
    // An upgrade to https keeps the path that was asked for.
    if (to && isBare && to.pathname === '/health') to.pathname = '/'
    if (to || !isBare) return this.#follow(first, to)
    const other = await Connection.open(this.wires, target)
    try {
      const root = await this.#ask(other, '/')
      return this.#follow(root, this.#redirect(root))
    } finally {
      other.close()
    }
  }

  async #ask(connection: Connection, path: string) {
    const answer = await connection.request({ method: 'GET', path })
    const isRefusal = answer.status === 400 && /plain http|https/i.test(answer.body.toString('latin1'))
    if (isRefusal && this.#url.protocol === 'http:') throw new ProbeError('speaks_tls', 'it says so', 0)
    return answer
  }

  #redirect({ status, headers }: Exchange): URL | null {
    const location = headers.get('location')
    if (!REDIRECTS.includes(status) || !location || !URL.canParse(location, this.#url.href)) return null
    const to = new URL(location, this.#url)
    to.hash = ''
    return /^https?:$/.test(to.protocol) && to.href !== this.#url.href ? to : null
  }

  #follow({ status, waitMs, transferMs }: Exchange, to: URL | null): URL | null {
    const { redirects, addresses, used_address, lookup, tls } = this.report
    if (!to || redirects.length >= MOST_REDIRECTS) return null
    const connect = addresses.find(({ address }) => address === used_address)?.connect?.median ?? 0
    const took = (lookup?.first ?? 0) + connect + (tls?.handshake.median ?? 0) + waitMs + transferMs
    redirects.push({ from: this.#url.href, to: to.href, status, took: Math.round(took * 100) / 100 })
    return to
  }

  /** A server that speaks TLS ends or answers a plain request in bytes of its own: see whether it shakes hands. */
  async #orSpeaksTls(error: unknown, target: Target): Promise<unknown> {
    if (target.url.protocol !== 'http:' || !(error instanceof ProbeError)) return error
    if (!['closed', 'reset', 'not_http'].includes(error.code)) return error
    const url = new URL(target.url)
    url.protocol = 'https:'
    url.port = target.url.port || '80'
    const secured = await Connection.open(this.wires, { ...target, url }).catch(() => null)
    if (!secured) return error
    secured.close()
    return new ProbeError('speaks_tls', error.detail, error.afterMs)
  }

  async #measure(target: Target, token: string | null) {
    const { report, options, wires } = this
    const { pathname, search } = this.#url
    const endpoints = report.is_zimmer ? zimmerEndpoints(token) : anyEndpoint(pathname + search, token)
    const samples = endpoints.map((endpoint) => new Samples(endpoint))
    this.#total = options.rounds * samples.length + 1
    for (let round = 0; round < options.rounds && !report.cut_short; round++) {
      for (const one of samples) {
        if (performance.now() > this.#deadline) report.cut_short = true
        else if (!one.hasFailed) {
          await pause()
          await one.take(wires, target)
        }
        this.onStep(++this.#done, this.#total)
      }
      if (!report.cut_short) report.rounds++
    }
    const handshake = spread(samples.flatMap(({ tlsMs }) => tlsMs))
    if (report.tls && handshake) report.tls.handshake = handshake
    report.endpoints = samples.filter(({ isEmpty }) => !isEmpty).map((one) => one.report())
    const asked = endpoints.find(({ isIdle }) => isIdle) ?? endpoints[0]
    const isFit = !samples.some(({ endpoint, hasFailed }) => endpoint === asked && hasFailed)
    if (asked && isFit && performance.now() < this.#deadline) {
      report.parallel = await probeParallel(wires, target, asked)
    }
  }
}
