import type { Sparse } from '../src/metrics/histogram.ts'
import type { Draw, Size } from './population.ts'

/** A request as it is sent, over and over. */
export interface Prepared {
  /** Results are told apart by it. */
  name: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface LoadOrder {
  url: string
  connections: number
  /** Measured, after `warmUpSeconds` that are not. */
  seconds: number
  warmUpSeconds: number
  /** Open loop: so many requests are due each second. */
  perSecond?: number
  /** Open loop: on time to some 50 µs, for all of a processor; otherwise to about 1 ms. */
  spin?: boolean
  /** Open loop: what could not be sent for so long is given up, and counts as unsent. */
  giveUpMs?: number
  work:
    | { kind: 'get'; path: string; headers?: Record<string, string>; everyMs?: number }
    | { kind: 'requests'; requests: Prepared[] }
    | { kind: 'consume' | 'batch'; key: 'v7' | 'v4' | 'none'; draw: Draw; eventsPerRequest: number }
  size: Size
  serviceTokens: string[]
  seed: number
}

export interface Times {
  count: number
  meanMs: number
  p50Ms: number
  p90Ms: number
  p99Ms: number
  p999Ms: number
  p9999Ms: number
  maxMs: number
  /** The whole distribution. */
  sparse: Sparse
}

export interface LoadResult extends Times {
  /** Answered with 2xx while it was measured. */
  requests: number
  /** Of the events in them. */
  events: number
  seconds: number
  /** Events that the server said it had accepted, over the whole run, warm-up and end included. */
  accepted: number
  /** The whole run, from the first request to the last answer. */
  ranSeconds: number
  /** Answers that were not 2xx while it was measured, by status; 0 is a connection that broke. */
  failed: Record<string, number>
  /** Connections that broke, over the whole run: what was sent on them may have been accepted. */
  lost: number
  /** 429 and 503 while it was measured, from sending to the answer. */
  refused: Times
  /** Open loop: due, and never sent. */
  unsent: number
  /** Open loop: how late the load itself was in sending what it could have sent. */
  lateP99Ms: number
  named: (Times & { name: string; failed: number })[]
  windows: Windows
  /** Of one processor, while it was measured. */
  cpuShare: number
}

/** Milliseconds of the windows that a load is cut into. */
export const WINDOW_MS = 500

/** One entry for each window of `WINDOW_MS` that was measured. */
export interface Windows {
  answered: number[]
  failed: number[]
  p50Ms: number[]
  p99Ms: number[]
}
