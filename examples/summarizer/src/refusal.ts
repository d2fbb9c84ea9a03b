import { Problem } from './problem.ts'
import type { Outcome } from './zimmer.ts'

type Declined = Exclude<Outcome, { kind: 'accepted' }>
type Bill = { words: number; tokens: number; idempotencyKey: string }

/** Why there is no summary, for the customer: what is missing, and what to do. */
export function refusal(outcome: Declined, bill: Bill): Problem {
  const fields = { idempotency_key: bill.idempotencyKey }
  const headers = { 'idempotency-key': bill.idempotencyKey }
  switch (outcome.kind) {
    case 'declined': {
      const more = { words: bill.words, tokens_needed: bill.tokens, tokens_remaining: outcome.left }
      return new Problem(402, 'tokens_insufficient', 'Not enough tokens', whyDeclined(outcome, bill), {
        headers,
        fields: { ...fields, ...more },
      })
    }
    case 'key_reused': {
      const detail = 'This Idempotency-Key was used for another text or other settings. Use a new one.'
      return new Problem(409, 'key_reused', 'Idempotency-Key used before', detail, { headers, fields })
    }
    case 'no_subscription': {
      const detail = 'Zimmer no longer knows this subscription. Add the automation again, or ask its support.'
      return new Problem(403, 'no_subscription', 'No such subscription', detail, { headers, fields })
    }
    case 'misconfigured':
    case 'unavailable': {
      const seconds = outcome.kind === 'unavailable' ? Math.max(5, outcome.retryAfterSeconds) : 60
      const detail =
        'Tokens can not be counted at the moment, so there is no summary. ' +
        'Send the text again with the same Idempotency-Key: it is charged once at most.'
      return new Problem(503, 'zimmer_unavailable', 'Try again later', detail, {
        headers: { ...headers, 'retry-after': String(seconds) },
        fields,
      })
    }
  }
}

function whyDeclined(
  { left, message }: Extract<Outcome, { kind: 'declined' }>,
  { words, tokens }: Bill,
): string {
  const total = left.demo + left.paid
  if (total >= tokens) return `Zimmer declined the charge: ${message} Nothing was charged.`
  const have = total === 0 ? 'none is left' : `only ${total} ${total === 1 ? 'is' : 'are'} left`
  return (
    `This text has ${words} words and costs ${tokens} ${tokens === 1 ? 'token' : 'tokens'}, but ${have}. ` +
    'Get more tokens in Zimmer, then send it again with a new Idempotency-Key. Nothing was charged.'
  )
}
