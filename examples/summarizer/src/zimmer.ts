/** How to reach Zimmer, and how patiently. */
export type Zimmer = {
  url: string
  serviceToken: string
  timeoutMs: number
  /** The first pause between two tries; each later one is twice as long. */
  backoffMs: number
}

export type Consumption = {
  userAutomationId: number
  units: number
  meta: Record<string, unknown>
  idempotencyKey: string
}

type Balance = { demo: number; paid: number }

export type Outcome =
  | { kind: 'accepted'; left: Balance }
  | { kind: 'declined'; left: Balance; message: string }
  | { kind: 'key_reused' }
  | { kind: 'no_subscription' }
  /** Zimmer refuses this service itself: a wrong token, a wrong address. Only the operator can mend it. */
  | { kind: 'misconfigured'; detail: string }
  /** No answer in time. It may have counted, so that only the same key may be used to ask again. */
  | { kind: 'unavailable'; detail: string; retryAfterSeconds: number }

const mostTries = 4
const longestPauseMs = 5_000

/**
 * Takes tokens from a subscription, all or none.
 *
 * Asks up to four times, always with the same key, so that Zimmer counts it once however often an answer gets
 * lost.
 */
export async function consume(zimmer: Zimmer, consumption: Consumption): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await ask(zimmer, consumption)
    if (outcome.kind !== 'unavailable') return outcome
    const askedPauseMs = outcome.retryAfterSeconds * 1_000
    // A longer pause is the customer's to wait, not that of an open request.
    if (tries === mostTries || askedPauseMs > longestPauseMs) return outcome
    const backoffMs = zimmer.backoffMs * 2 ** (tries - 1) * (0.5 + Math.random())
    await new Promise((resolve) => setTimeout(resolve, Math.max(askedPauseMs, backoffMs)))
  }
}

async function ask(
  zimmer: Zimmer,
  { userAutomationId, units, meta, idempotencyKey }: Consumption,
): Promise<Outcome> {
  try {
    const response = await fetch(`${zimmer.url}/api/automation-usage/consume`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-zimmer-service-token': zimmer.serviceToken,
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({ user_automation_id: userAutomationId, units, usage_type: 'summary', meta }),
      redirect: 'manual', // following one would hand the token to whoever it leads to
      signal: AbortSignal.timeout(zimmer.timeoutMs),
    })
    return read(response, await response.text())
  } catch (error) {
    return { kind: 'unavailable', detail: (error as Error).message, retryAfterSeconds: 0 }
  }
}

function read(response: Response, text: string): Outcome {
  const { status } = response
  if (status === 200) return readAnswer(text)
  if (status === 429 || status >= 500) {
    const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
    return { kind: 'unavailable', detail: `Zimmer answered ${status}`, retryAfterSeconds }
  }
  if (status === 404) return { kind: 'no_subscription' }
  if (status === 409) return { kind: 'key_reused' }
  return { kind: 'misconfigured', detail: `Zimmer answered ${status}: ${text.slice(0, 300)}` }
}

function readAnswer(text: string): Outcome {
  const answer = parseObject(text)
  const left = { demo: answer.remaining_demo_tokens, paid: answer.remaining_paid_tokens }
  if (typeof answer.accepted !== 'boolean' || !isBalance(left)) {
    return { kind: 'unavailable', detail: 'not an answer of Zimmer', retryAfterSeconds: 0 }
  }
  return answer.accepted
    ? { kind: 'accepted', left }
    : { kind: 'declined', left, message: typeof answer.message === 'string' ? answer.message : '' }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function isBalance(left: { demo: unknown; paid: unknown }): left is Balance {
  return Number.isSafeInteger(left.demo) && Number.isSafeInteger(left.paid)
}

/** Seconds or an HTTP date, as RFC 9110 allows; 0 when there is none. */
export function readRetryAfter(header: string | null, nowMs = Date.now()): number {
  if (header === null) return 0
  if (/^\d+$/.test(header)) return Number(header)
  const ms = Date.parse(header) - nowMs
  return ms > 0 ? Math.ceil(ms / 1_000) : 0
}
