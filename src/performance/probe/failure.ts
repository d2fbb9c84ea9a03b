/** Why there was no answer. */
export type FailureCode =
  | 'unresolvable'
  | 'lookup_timeout'
  | 'refused'
  | 'unreachable'
  | 'connect_timeout'
  | 'not_tls'
  | 'tls_failed'
  | 'tls_timeout'
  | 'speaks_tls'
  | 'silent' // accepted, and not a byte came back
  | 'stalled' // the answer began, and did not end
  | 'reset'
  | 'closed'
  | 'not_http'
  | 'endless_headers'

export class ProbeError extends Error {
  constructor(
    readonly code: FailureCode,
    /** What was seen, for people: the system's words, the first bytes. */
    readonly detail: string,
    readonly afterMs: number,
  ) {
    super(`${code}: ${detail}`)
    this.name = 'ProbeError'
  }
}

/** What the system said about a connection, as a failure. */
export function connectFailure(error: unknown, afterMs: number): ProbeError {
  if (error instanceof ProbeError) return error
  const { code = 'unknown', message = String(error) } = error as { code?: string; message?: string }
  if (/REFUSED|FailedToOpenSocket/i.test(code)) return new ProbeError('refused', code, afterMs)
  if (/TIMEDOUT/i.test(code)) return new ProbeError('connect_timeout', code, afterMs)
  if (/RESET|PIPE/i.test(code)) return new ProbeError('reset', code, afterMs)
  return new ProbeError('unreachable', /^E[A-Z]+$/.test(code) ? code : message, afterMs)
}

/**
 * Runs `work` until its end or the time-out, whichever comes first.
 *
 * @throws ProbeError `late` when the time is over; what `work` throws otherwise.
 */
export async function inTime<T>(
  ms: number,
  late: FailureCode,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const startedAt = performance.now()
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    over.reject(new ProbeError(late, `nothing within ${Math.round(ms)} ms`, performance.now() - startedAt))
    abort.abort(new Error('timed out'))
  }, ms)
  try {
    return await Promise.race([work(abort.signal), over.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Foreign text that a terminal can't be steered with. */
export const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '.')
