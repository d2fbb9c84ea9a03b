import ipaddr from 'ipaddr.js'
import type { Config } from '../config.ts'
import type { Timeline } from '../metrics/timeline.ts'

export type BunRequest = Request & { params: Record<string, string> }
export type BunServer = Bun.Server<undefined>

const REQUEST_ID = /^[\w.-]{1,64}$/
/** All zeros name no trace and no span. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

const node = crypto.randomUUID().slice(0, 8)
let counter = 0

type Ranges = ReturnType<typeof ipaddr.parseCIDR>[]

/** Trusted proxies as ranges; a lone address is a range of one. */
export function proxyRanges({ trustedProxies }: Config): Ranges {
  return trustedProxies.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv6' ? 128 : 32]
  })
}

/** A request as handlers see it; what costs time is worked out when it is asked for. */
export class Incoming {
  readonly startedAt = performance.now()
  /** How long it waited for its turn. */
  turnMs = 0
  /** Where its time goes, while that is measured. */
  timeline: Timeline | undefined
  #id: string | undefined

  constructor(
    readonly raw: BunRequest,
    private readonly server: BunServer,
    private readonly proxies: Ranges,
  ) {}

  /** The caller's X-Request-Id when it is a usable one, else one of ours; unique to this process. */
  get id() {
    if (this.#id) return this.#id
    const given = this.raw.headers.get('x-request-id')
    this.#id = given && REQUEST_ID.test(given) ? given : `${node}-${(counter++).toString(36)}`
    return this.#id
  }

  /** W3C trace context, when the caller sent a valid one. */
  get traceparent() {
    const given = this.raw.headers.get('traceparent')
    return given && TRACEPARENT.test(given) ? given : null
  }

  /** Path and query as they were sent. */
  get target() {
    const { url } = this.raw
    return url.slice(url.indexOf('/', url.indexOf('://') + 3))
  }

  header(name: string) {
    return this.raw.headers.get(name)
  }

  /** The token of `Authorization: Bearer …`. */
  get bearer() {
    const header = this.raw.headers.get('authorization')
    return header && /^bearer /i.test(header) ? header.slice(7).trim() : null
  }

  cookie(name: string) {
    const header = this.raw.headers.get('cookie')
    if (!header) return null
    for (const part of header.split(';')) {
      const [key, value] = part.split('=', 2)
      if (key?.trim() === name) return value?.trim() ?? null
    }
    return null
  }

  /** The address that called: X-Forwarded-For counts only as far as configured proxies wrote it. */
  get address(): string {
    const direct = this.server.requestIP(this.raw)?.address ?? '0.0.0.0'
    if (!this.#isProxy(direct)) return plain(direct)
    const hops = (this.header('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim())
    let nearest = plain(direct)
    for (const hop of hops.reverse()) {
      if (!ipaddr.isValid(hop)) return nearest
      nearest = plain(hop)
      if (!this.#isProxy(hop)) return nearest
    }
    return nearest
  }

  /** What rate limits count by: an IPv4 address, or the /64 of an IPv6 one. */
  get network(): string {
    const address = ipaddr.parse(this.address)
    if (address.kind() === 'ipv4') return address.toString()
    return `${address.toNormalizedString().split(':').slice(0, 4).join(':')}::/64`
  }

  /** Whether the client reached us (or the proxy in front of us) over TLS. */
  get isSecure() {
    if (this.raw.url.startsWith('https:')) return true
    const direct = this.server.requestIP(this.raw)?.address
    return direct !== undefined && this.#isProxy(direct) && this.header('x-forwarded-proto') === 'https'
  }

  #isProxy(address: string) {
    if (this.proxies.length === 0 || !ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return this.proxies.some((range) => parsed.kind() === range[0].kind() && parsed.match(range))
  }
}

/** ::ffff:1.2.3.4 is 1.2.3.4. */
const plain = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address).toString() : address)
