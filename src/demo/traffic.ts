import { SECOND_MS, sleep } from '../lib/time.ts'
import { Random } from './random.ts'
import { someText } from './texts.ts'

const PAUSE_SECONDS = [2, 6] as const
const TIMEOUT_MS = 30 * SECOND_MS
const UNPAID = 402

/** A customer as the automation knows them: by the URL that spends their tokens. */
export interface Sender {
  webhookUrl: string
  persian: boolean
  /** Buys tokens, for the last ones are spent. */
  buy(): Promise<void>
}

/** Sends real texts to the summarizer every few seconds, as customers would, until stopped. */
export function sendTexts(senders: readonly Sender[], failed: (error: unknown) => void): { stop(): void } {
  const stopping = new AbortController()
  const random = new Random(Date.now())
  const work = async () => {
    while (senders.length > 0 && !stopping.signal.aborted) {
      await sendOne(random.pick(senders), random, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) failed(error)
      })
      await sleep(random.between(...PAUSE_SECONDS) * SECOND_MS)
    }
  }
  void work()
  return { stop: () => stopping.abort() }
}

async function sendOne({ webhookUrl, persian, buy }: Sender, random: Random, signal: AbortSignal) {
  const text = someText(persian, random.between(1, 8), random.between(0, 4))
  const reply = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ text }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  await reply.text()
  if (reply.status === UNPAID) await buy()
  else if (!reply.ok) throw new Error(`the summarizer answered HTTP ${reply.status}`)
}
