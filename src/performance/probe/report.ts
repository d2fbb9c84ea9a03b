import type { Spread } from './spread.ts'

/** What `zimmer probe --json` prints; all times in milliseconds. */
export interface ProbeReport {
  /** As given, and after redirects. */
  url: string
  probed_url: string
  started_at: string
  /** Completed; fewer than asked for when `cut_short`. */
  rounds: number
  /** Whether it answers as a Zimmer does; then its main endpoints are probed, else the one path of the URL. */
  is_zimmer: boolean
  /** Whether the time allowed for all of it ran out. */
  cut_short: boolean
  lookup: Lookup | null
  addresses: AddressProbe[]
  /** The address that the rest was measured on. */
  used_address: string | null
  redirects: Redirect[]
  tls: TlsProbe | null
  endpoints: EndpointProbe[]
  parallel: ParallelProbe | null
  /** What ended the probe before anything could be measured. */
  failure: Failure | null
  /** With an account: how signing in went, once. */
  sign_in: SignInProbe | null
  /** The dearest first. */
  verdict: Finding[]
}

export interface Lookup {
  host: string
  /** What a client pays that has not asked before. */
  first: number
  later: Spread | null
}

export interface AddressProbe {
  address: string
  family: 4 | 6
  connect: Spread | null
  failure: Failure | null
}

export interface Failure {
  code: string
  detail: string
  after: number
}

export interface Redirect {
  from: string
  to: string
  status: number
  took: number
}

export interface TlsProbe {
  protocol: string
  cipher: string
  handshake: Spread
  certificate: {
    subject: string
    issuer: string
    names: string
    valid_from: string
    valid_to: string
    days_left: number
    problem: string | null
  }
}

export interface EndpointProbe {
  method: 'GET' | 'POST'
  path: string
  /** Does next to nothing: what it takes is the price of asking at all. */
  is_idle: boolean
  status: number
  is_expected: boolean
  /** On a new connection each time. */
  connect: Spread | null
  tls: Spread | null
  wait: Spread | null
  transfer: Spread | null
  /** On a connection that has been used before; null where none is kept. */
  kept_wait: Spread | null
  /** What the server says about itself (Server-Timing); null without that. */
  server: Spread | null
  db: Spread | null
  /** How late its event loop was. */
  queue: Spread | null
  body_bytes: number
  bytes_per_second: number | null
  content_type: string
  content_encoding: string
  is_kept: boolean
  failure: Failure | null
}

export interface ParallelProbe {
  path: string
  /** One at a time, on kept connections. */
  alone: Spread
  /** So many at the same moment. */
  together: { count: number; wait: Spread }
  /** One after the other at a fixed pace, without waiting for answers. */
  paced: { count: number; every: number; wait: Spread; convoy: number }
}

export interface SignInProbe {
  status: number
  wait: number
  is_signed_in: boolean
}

/** failure: no use as it is. finding: costs time that is felt, or soon will. note: good to know. */
export type Level = 'failure' | 'finding' | 'note'

export interface Finding {
  /** Stable, for programs. */
  code: string
  level: Level
  /** Milliseconds that it adds to a request, or to the first one; 0 where it isn't a matter of time. */
  cost: number
  /** What is so. */
  says: string
  /** By which figures one can tell. */
  evidence: string
  /** What to do next. */
  advice: string
}
