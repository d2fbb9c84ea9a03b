import { Connection, type Target } from './connection.ts'
import type { Endpoint } from './endpoints.ts'
import type { ParallelProbe } from './report.ts'
import { pause } from './rounds.ts'
import { hundredths, type Spread, spread } from './spread.ts'
import type { Wires } from './wires.ts'

const AT_ONCE = 12
const ALONE = 5
/** Fewer answers than this say nothing. */
const LEAST_ANSWERS = 6
const PACE_MS = 20
/** A server that is held is held again; a hiccup of this machine, or of the line, is not. */
const TRIES = 3
const HELD_MS = 50
/** Answers so much closer together than their requests were came out of one and the same moment. */
const CONVOY_SHARE = 0.3

interface Sent {
  sentAt: number
  answeredAt: number
}

/**
 * How waiting changes when several ask: all at the same moment, and at a fixed pace that doesn't wait for answers.
 * Connections are opened before, so that only the server's own turn is measured.
 *
 * @returns null when too few were answered.
 */
export async function probeParallel(
  wires: Wires,
  target: Target,
  endpoint: Endpoint,
): Promise<ParallelProbe | null> {
  const alone = spread(await oneByOne(wires, target, endpoint))
  const together = await quietest(alone, () => volley(wires, target, endpoint, 0))
  const paced = await quietest(alone, () => volley(wires, target, endpoint, PACE_MS))
  const togetherWait = spread(together.map(waitMs))
  const pacedWait = spread(paced.map(waitMs))
  if (!alone || !togetherWait || !pacedWait) return null
  if (Math.min(together.length, paced.length) < LEAST_ANSWERS) return null
  return {
    path: endpoint.path,
    alone,
    together: { count: together.length, wait: togetherWait },
    paced: { count: paced.length, every: PACE_MS, wait: pacedWait, convoy: hundredths(convoy(paced)) },
  }
}

const waitMs = ({ sentAt, answeredAt }: Sent) => answeredAt - sentAt

async function oneByOne(wires: Wires, target: Target, endpoint: Endpoint) {
  const waits: number[] = []
  for (let i = 0; i < ALONE; i++) {
    await pause()
    const connection = await Connection.open(wires, target).catch(() => null)
    const answer = await connection?.request(endpoint).catch(() => null)
    connection?.close()
    if (answer) waits.push(answer.waitMs)
  }
  return waits
}

/** The best of several volleys; the first that waits about as long as one alone is good enough. */
async function quietest(alone: Spread | null, fire: () => Promise<Sent[]>): Promise<Sent[]> {
  const median = (sent: readonly Sent[]) => spread(sent.map(waitMs))?.median ?? Number.POSITIVE_INFINITY
  let best = await fire()
  for (let i = 1; i < TRIES && median(best) >= (alone?.median ?? 0) + HELD_MS; i++) {
    const next = await fire()
    if (median(next) < median(best)) best = next
  }
  return best
}

async function volley(wires: Wires, target: Target, endpoint: Endpoint, everyMs: number): Promise<Sent[]> {
  const opened = await Promise.all(
    Array.from({ length: AT_ONCE }, () => Connection.open(wires, target).catch(() => null)),
  )
  const connections = opened.filter((connection) => connection !== null)
  const answers = connections.map(async (connection, i) => {
    await Bun.sleep(i * everyMs)
    const sentAt = performance.now()
    const answer = await connection.request(endpoint).catch(() => null)
    return answer && { sentAt, answeredAt: sentAt + answer.waitMs }
  })
  const sent = (await Promise.all(answers)).filter((answer) => answer !== null)
  for (const connection of connections) connection.close()
  return sent
}

/**
 * The share of answers that came together with the answer to the request before, although the requests were apart:
 * 0 where each takes its own time, near 1 where they all wait for the same moment.
 */
export function convoy(sent: readonly Sent[]): number {
  const pairs = sent
    .slice(1)
    .map((one, i) => ({ one, before: sent[i] ?? one }))
    .filter(({ one, before }) => one.sentAt - before.sentAt >= PACE_MS / 2)
  const close = pairs.filter(
    ({ one, before }) =>
      Math.abs(one.answeredAt - before.answeredAt) <= CONVOY_SHARE * (one.sentAt - before.sentAt),
  )
  return pairs.length === 0 ? 0 : close.length / pairs.length
}
