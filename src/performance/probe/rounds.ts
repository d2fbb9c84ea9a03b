import { Connection, type Exchange, type Handshake, type Target } from './connection.ts'
import type { Endpoint } from './endpoints.ts'
import { connectFailure, type ProbeError } from './failure.ts'
import type { EndpointProbe, Failure, TlsProbe } from './report.ts'
import { hundredths, spread } from './spread.ts'
import type { Wires } from './wires.ts'

const LEAST_PAUSE_MS = 5
const MORE_PAUSE_MS = 25
const DAY_MS = 86_400_000

/**
 * Between two requests: without a pause of changing length each would come right after the answer before it, when
 * a server that is blocked in bursts happens to be free.
 */
export const pause = () => Bun.sleep(LEAST_PAUSE_MS + Math.random() * MORE_PAUSE_MS)

export const failureOf = ({ code, detail, afterMs }: ProbeError): Failure => ({
  code,
  detail,
  after: hundredths(afterMs),
})

/** What the rounds have shown of one endpoint so far. */
export class Samples {
  readonly connectMs: number[] = []
  readonly tlsMs: number[] = []
  readonly #fresh: Exchange[] = []
  readonly #kept: Exchange[] = []
  #failure: Failure | null = null

  constructor(readonly endpoint: Endpoint) {}

  get isEmpty() {
    return this.#fresh.length === 0 && this.#failure === null
  }

  get hasFailed() {
    return this.#failure !== null
  }

  /** One request on a new connection, and the same again on that connection where the server keeps it. */
  async take(wires: Wires, target: Target) {
    let connection: Connection | undefined
    try {
      connection = await Connection.open(wires, target)
      this.connectMs.push(connection.connectMs)
      if (connection.handshake) this.tlsMs.push(connection.handshake.ms)
      const fresh = await connection.request(this.endpoint)
      this.#fresh.push(fresh)
      if (fresh.isKept) await this.#again(connection)
    } catch (error) {
      this.#failure = failureOf(connectFailure(error, 0))
    } finally {
      connection?.close()
    }
  }

  /** A server that promises to keep the connection and closes it has broken no request of ours. */
  async #again(connection: Connection) {
    await pause()
    const kept = await connection.request(this.endpoint).catch(() => null)
    if (kept) this.#kept.push(kept)
  }

  report(): EndpointProbe {
    const last = this.#fresh.at(-1)
    const all = [...this.#fresh, ...this.#kept]
    const { method, path, isIdle, expected } = this.endpoint
    const wrong = all.find(({ status }) => !expected(status))
    const timings = all.flatMap(({ timing }) => timing ?? [])
    const transfer = spread(this.#fresh.map(({ transferMs }) => transferMs))
    return {
      method,
      path,
      is_idle: isIdle,
      status: (wrong ?? last)?.status ?? 0,
      is_expected: last !== undefined && wrong === undefined,
      connect: spread(this.connectMs),
      tls: spread(this.tlsMs),
      wait: spread(this.#fresh.map(({ waitMs }) => waitMs)),
      transfer,
      kept_wait: spread(this.#kept.map(({ waitMs }) => waitMs)),
      server: spread(timings.map(({ totalMs }) => totalMs)),
      queue: spread(timings.map(({ queueMs }) => queueMs)),
      db: spread(timings.map(({ dbMs }) => dbMs)),
      body_bytes: last?.bodyBytes ?? 0,
      bytes_per_second: rate(last?.bodyBytes ?? 0, transfer?.median ?? 0),
      content_type: last?.headers.get('content-type') ?? '',
      content_encoding: last?.headers.get('content-encoding') ?? '',
      is_kept: this.#kept.length > 0,
      failure: this.#failure,
    }
  }
}

/** Under a millisecond the rate is that of a buffer, not of a line. */
const rate = (bytes: number, ms: number) => (ms >= 1 ? Math.round((bytes / ms) * 1_000) : null)

export function tlsReport(handshake: Handshake | null, nowMs: number): TlsProbe | null {
  if (!handshake) return null
  const { ms, protocol, cipher } = handshake
  const { validFromMs, validToMs, subject, issuer, names, problem } = handshake.certificate
  return {
    protocol,
    cipher,
    handshake: { median: hundredths(ms), min: hundredths(ms), max: hundredths(ms) },
    certificate: {
      subject,
      issuer,
      names,
      valid_from: dateText(validFromMs),
      valid_to: dateText(validToMs),
      days_left: Number.isNaN(validToMs) ? 0 : Math.floor((validToMs - nowMs) / DAY_MS),
      problem,
    },
  }
}

const dateText = (ms: number) => (Number.isNaN(ms) ? '' : new Date(ms).toISOString())
