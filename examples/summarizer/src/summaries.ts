import { createHash, randomUUID } from 'node:crypto'
import { type Fields, readFields } from './body.ts'
import { readableText } from './html.ts'
import { invalid, json, Problem } from './problem.ts'
import { refusal } from './refusal.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'
import { summarize } from './textrank.ts'
import { countWords, detectLanguage, type Language, priceTokens } from './words.ts'
import { consume, type Zimmer } from './zimmer.ts'

const mostCharacters = 200_000
// Each character may be written as two \uXXXX escapes.
const mostBytes = mostCharacters * 12 + 10_000
const orderFields = new Set(['user_automation_id', 'text', 'sentences', 'language'])

type Order = { text: string; sentences: number; language: Language | 'auto' }

/** Summarises a text and takes its price from the subscription; without the tokens there is no summary. */
export async function createSummary(
  request: Request,
  subscriptions: Subscriptions,
  zimmer: Zimmer,
): Promise<Response> {
  const subscription = authenticate(request, subscriptions)
  const idempotencyKey = readIdempotencyKey(request)
  const order = readOrder(await readFields(request, mostBytes), subscription)

  const text = readableText(order.text)
  const words = countWords(text)
  if (words === 0) throw invalid({ text: 'has no words' })
  const language = order.language === 'auto' ? detectLanguage(text) : order.language
  const bill = { words, tokens: priceTokens(words), idempotencyKey }
  // First the work, then the bill: nobody pays for a summary that couldn't be made.
  const sentences = summarize(text, order.sentences, language)

  const outcome = await consume(zimmer, {
    userAutomationId: subscription.userAutomationId,
    units: bill.tokens,
    // The digest and the count make a key that is used again for something else a conflict in Zimmer.
    meta: { words, language, sentences: order.sentences, text_sha256: digest(order.text) },
    // The id in front keeps the keys of one customer apart from those of all others.
    idempotencyKey: `${subscription.userAutomationId}:${idempotencyKey}`,
  })
  if ('detail' in outcome) console.error(`summarizer: can't charge: ${outcome.detail}`)
  if (outcome.kind !== 'accepted') throw refusal(outcome, bill)
  return json(
    {
      summary: sentences.join(' '),
      sentences,
      language,
      words,
      tokens_charged: bill.tokens,
      tokens_remaining: outcome.left,
      idempotency_key: idempotencyKey,
    },
    200,
    { 'idempotency-key': idempotencyKey },
  )
}

function authenticate(request: Request, subscriptions: Subscriptions): Subscription {
  const bearer = request.headers.get('authorization')?.match(/^Bearer +(\S+)$/i)?.[1]
  const key = bearer ?? new URL(request.url).searchParams.get('key') ?? ''
  const subscription = subscriptions.withKey(key)
  if (subscription) return subscription
  throw wrongKey('Send the key of your subscription, as ?key= or as Authorization: Bearer.')
}

function wrongKey(detail: string): Problem {
  return new Problem(401, 'wrong_key', 'Wrong key', detail, { headers: { 'www-authenticate': 'Bearer' } })
}

function readIdempotencyKey(request: Request): string {
  const key = request.headers.get('idempotency-key')
  if (key === null) return randomUUID()
  if (/^[\x21-\x7e]{1,100}$/.test(key)) return key
  const detail = 'An Idempotency-Key has 1 to 100 visible ASCII characters.'
  throw new Problem(400, 'invalid_idempotency_key', 'Invalid Idempotency-Key', detail)
}

function readOrder(fields: Fields, subscription: Subscription): Order {
  const { user_automation_id: id, text, sentences = 3, language = 'auto' } = fields
  const errors: Record<string, string> = Object.create(null)
  const unknown = Object.keys(fields).filter((name) => !orderFields.has(name))
  for (const name of unknown.slice(0, 20)) errors[name.slice(0, 100)] = 'is not a field of this request'
  if (id !== undefined && !Number.isSafeInteger(id)) errors.user_automation_id = 'must be a whole number'
  if (typeof text !== 'string') errors.text = 'must be a string'
  else if (text.trim() === '') errors.text = 'must not be empty'
  if (!isCount(sentences)) errors.sentences = 'must be a whole number from 1 to 20'
  if (!isLanguage(language)) errors.language = 'must be "en", "fa" or "auto"'
  const right = typeof text === 'string' && isCount(sentences) && isLanguage(language)
  if (!right || Object.keys(errors).length > 0) throw invalid(errors)
  if (id !== undefined && id !== subscription.userAutomationId) {
    throw wrongKey('This key belongs to another subscription.')
  }
  if (countCharacters(text) > mostCharacters) {
    const detail = `A text may have ${mostCharacters} characters at most. Send it in parts.`
    throw new Problem(413, 'text_too_long', 'Text too long', detail)
  }
  return { text, sentences, language }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 20
}

function isLanguage(value: unknown): value is Order['language'] {
  return value === 'en' || value === 'fa' || value === 'auto'
}

/** As a reader counts: an emoji is one, though JavaScript stores it as two. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\u{10000}-\u{10ffff}]/gu)?.length ?? 0)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
