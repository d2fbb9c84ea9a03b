import { lookup } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import type { Config } from '../config.ts'

const MAX_BYTES = 65_536
const MAX_REDIRECTS = 3
const MOST_ADDRESSES = 4
const REDIRECTS = [301, 302, 303, 307, 308]
/** Nothing was sent yet: another address of the same name may answer. */
const NOT_CONNECTED = [
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ConnectionRefused',
  'FailedToOpenSocket',
]
/** Public by its range, yet inside each virtual machine of Azure it is that machine's own host. */
const AZURE_HOST = '168.63.129.16'
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

export type FetchFailure =
  | 'bad_url'
  | 'forbidden_address'
  | 'unresolvable'
  | 'unreachable'
  | 'timed_out'
  | 'too_large'
  | 'too_many_redirects'

/** Why a fetch gave no answer; the message may be shown to whoever entered the URL. */
export class FetchError extends Error {
  constructor(
    readonly code: FetchFailure,
    message: string,
  ) {
    super(message)
    this.name = 'FetchError'
  }
}

/** How the outside is reached; tests put in their own. */
export interface Outside {
  /** Whether this address may be connected to. */
  allows(address: string): boolean
  /** All addresses of a name. */
  resolve(host: string): Promise<string[]>
  /** Certificate authorities to trust instead of the system's, PEM. */
  ca?: string
}

export interface Sent {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  /** JSON text. */
  body?: string
  /** For all of it: resolving, connecting, redirects, the last byte. */
  timeoutMs: number
  /** Of the body; 64 KiB unless given. */
  maxBytes?: number
  /** W3C trace context to pass on. */
  traceparent?: string | null
}

export interface Fetched {
  status: number
  body: string
}

export const outside = ({ allowPrivateUrls }: Config): Outside => ({
  allows: allowPrivateUrls ? () => true : isPublic,
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
})

/** Whether it is an address of the public internet, and none that stands for another (mapped, NAT64, 6to4). */
export function isPublic(address: string) {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast' || parsed.toString() === AZURE_HOST) return false
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6)
}

/**
 * Fetches a URL that somebody entered. The name is resolved once, each of its addresses is checked, and the
 * connection goes to the checked address itself: a name that changes its mind in between gains nothing. A GET
 * follows three redirects at most, each checked again; a POST none, for it may carry a secret.
 *
 * @throws FetchError when there is no answer; an answer of any status is one.
 */
export async function safeFetch(outside: Outside, url: string, sent: Sent): Promise<Fetched> {
  const signal = AbortSignal.timeout(sent.timeoutMs)
  try {
    let target = parse(url)
    for (let redirects = 0; ; redirects++) {
      const response = await connect(outside, target, sent, signal)
      const location = response.headers.get('location')
      const moved = sent.method !== 'POST' && location !== null && REDIRECTS.includes(response.status)
      if (!moved) return { status: response.status, body: await readText(response, sent.maxBytes) }
      await response.body?.cancel()
      if (redirects === MAX_REDIRECTS) {
        throw new FetchError('too_many_redirects', `More than ${MAX_REDIRECTS} redirects`)
      }
      target = parse(location, target)
    }
  } catch (error) {
    if (error instanceof FetchError) throw error
    if (signal.aborted) throw new FetchError('timed_out', `No answer within ${sent.timeoutMs} ms`)
    throw new FetchError('unreachable', `The connection failed (${codeOf(error)})`)
  }
}

function parse(text: string, base?: URL) {
  if (!URL.canParse(text, base?.href)) throw new FetchError('bad_url', 'This is no URL')
  const url = new URL(text, base)
  if (!/^https?:$/.test(url.protocol)) {
    throw new FetchError('bad_url', `Only http and https are fetched, not ${url.protocol.slice(0, 20)}`)
  }
  if (url.username || url.password) throw new FetchError('bad_url', 'A URL must not have a user or password')
  return url
}

async function connect(outside: Outside, url: URL, sent: Sent, signal: AbortSignal): Promise<Response> {
  const addresses = await checkedAddresses(outside, url.hostname, signal)
  for (const [i, address] of addresses.entries()) {
    try {
      return await fetchFrom(outside, address, url, sent, signal)
    } catch (error) {
      if (i === addresses.length - 1 || !NOT_CONNECTED.includes(codeOf(error))) throw error
    }
  }
  throw new FetchError('unresolvable', `${url.hostname} has no address`)
}

/** IPv4 first: many a box has an IPv6 address and no way out with it. */
async function checkedAddresses(outside: Outside, hostname: string, signal: AbortSignal) {
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = ipaddr.isValid(host) ? [host] : await resolved(outside, host, signal)
  const refused = addresses.find((address) => !outside.allows(address))
  if (refused !== undefined) {
    const which = refused === host ? host : `${host} is ${refused}, which`
    throw new FetchError('forbidden_address', `${which} is no public address`)
  }
  return addresses.sort((a, b) => Number(a.includes(':')) - Number(b.includes(':'))).slice(0, MOST_ADDRESSES)
}

async function resolved(outside: Outside, host: string, signal: AbortSignal) {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([outside.resolve(host), aborted.promise])
  } catch (error) {
    if (signal.aborted) throw error
    throw new FetchError('unresolvable', `The name ${host} can't be resolved (${codeOf(error)})`)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** To the address, with the name in the Host header and, for TLS, as what the certificate must be for. */
function fetchFrom(outside: Outside, address: string, url: URL, sent: Sent, signal: AbortSignal) {
  const pinned = new URL(url)
  pinned.hostname = address.includes(':') ? `[${address}]` : address
  const name = url.hostname.replace(/\.$/, '')
  const isName = !ipaddr.isValid(name.replace(/^\[|\]$/g, ''))
  return fetch(pinned, {
    method: sent.method ?? 'GET',
    headers: {
      accept: 'application/json',
      // Unpacked, a small answer could be a huge one.
      'accept-encoding': 'identity',
      'user-agent': 'Zimmer',
      ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent.traceparent ? { traceparent: sent.traceparent } : {}),
      ...sent.headers,
      host: url.host,
    },
    body: sent.body,
    signal,
    redirect: 'manual',
    decompress: false,
    // A kept connection would be the one that was checked for another request.
    keepalive: false,
    // A proxy of the environment would resolve and connect by itself. Bun takes false, though its types don't say so.
    proxy: false as never,
    tls: { ...(isName ? { serverName: name } : {}), ...(outside.ca ? { ca: outside.ca } : {}) },
  })
}

async function readText(response: Response, maxBytes = MAX_BYTES) {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  // Leaving the loop cancels the stream, and with it the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new FetchError('too_large', `The answer is larger than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function codeOf(error: unknown) {
  return String((error as { code?: unknown }).code ?? 'unknown')
}
