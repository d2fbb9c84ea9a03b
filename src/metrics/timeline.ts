import { AsyncLocalStorage } from 'node:async_hooks'
import type { RouteSeries, StatementSeries } from './recorder.ts'

/** Statements of one request that are listed by name; the others are in the sum. */
const MOST_LISTED = 20

export type Phase = 'authMs' | 'bodyMs' | 'cacheMs' | 'handlerMs' | 'jsonMs'

/** A statement's name and milliseconds. */
export interface Listed {
  name: string
  ms: number
}

/** How a request is called in logs, here and in the caller's trace. */
interface Named {
  readonly id: string
  readonly traceparent: string | null
}

/**
 * Where the time of one request went, in milliseconds. Phases follow each other; what is spent in the database is
 * within them (mostly in the handler), and statements that run at the same time add up to more than what was waited.
 */
export class Timeline {
  authMs = 0
  /** Until the body was read and checked: a slow client shows here. */
  bodyMs = 0
  cacheMs = 0
  handlerMs = 0
  jsonMs = 0
  totalMs = 0
  /** For the one writer, or for a connection of the pool. */
  waitMs = 0
  databaseMs = 0
  statements = 0
  listed: Listed[] | undefined
  /** What the response cache said, where the route has one. */
  cache: string | undefined
  /** The caller may be told. */
  isShown = false
  isOver = false
  #phaseAt: number
  #request: Named | undefined

  /** @param queueMs how late the event loop was: what the request may have waited before anybody saw it. */
  constructor(
    readonly route: RouteSeries,
    readonly startedAt: number,
    readonly queueMs: number,
    request: Named,
  ) {
    this.#phaseAt = startedAt
    this.#request = request
  }

  /** Empty once it is over: whatever still holds this shall not hold the request as well. */
  get requestId() {
    return this.#request?.id ?? ''
  }

  get traceparent() {
    return this.#request?.traceparent ?? undefined
  }

  /** Whatever happened since the end of the phase before was this one. */
  ended(phase: Phase) {
    const now = performance.now()
    this[phase] += now - this.#phaseAt
    this.#phaseAt = now
  }

  /** @param isHit the reply was kept; else it was made for this request, or for another that came at the same time. */
  fromCache(isHit: boolean) {
    this.ended('cacheMs')
    if (isHit) this.cache = 'hit'
    else this.cache = this.handlerMs > 0 ? 'miss' : 'shared'
  }

  ran({ name }: StatementSeries, ms: number) {
    this.databaseMs += ms
    this.statements++
    this.listed ??= []
    if (this.listed.length < MOST_LISTED) this.listed.push({ name, ms })
  }

  /** The reply is ready: from here on statements are no longer its own. */
  end() {
    // A reply that was written is handed over at once: asking for the time again would cost more than it tells.
    const endedAt = this.jsonMs > 0 ? this.#phaseAt : performance.now()
    this.totalMs = endedAt - this.startedAt
    this.isOver = true
  }

  /** As the caller had to wait for it: what is held against the target. */
  get waitedMs() {
    return this.queueMs + this.totalMs
  }

  /** Nobody asks for it any more. */
  release() {
    this.#request = undefined
  }
}

const current = new AsyncLocalStorage<Timeline>()

/** Runs the work of one request, so that what it waits for finds its timeline. */
export const inTimeline = <Result>(timeline: Timeline, work: () => Result) => current.run(timeline, work)

/** Of the request that this is done for; work that outlives its request is nobody's. */
export function currentTimeline(): Timeline | undefined {
  const timeline = current.getStore()
  return timeline?.isOver ? undefined : timeline
}

/** The value of a Server-Timing header. */
export function serverTiming(timeline: Timeline): string {
  const { queueMs, authMs, bodyMs, cacheMs, cache, handlerMs, jsonMs, totalMs } = timeline
  const parts = [`queue;dur=${short(queueMs)}`, `auth;dur=${short(authMs)}`, `body;dur=${short(bodyMs)}`]
  if (cache) parts.push(`cache;desc=${cache};dur=${short(cacheMs)}`)
  const count = timeline.statements === 1 ? '1 statement' : `${timeline.statements} statements`
  if (timeline.waitMs > 0) parts.push(`wait;dur=${short(timeline.waitMs)}`)
  parts.push(`db;desc="${count}";dur=${short(timeline.databaseMs)}`)
  for (const { name, ms } of timeline.listed ?? []) parts.push(`sql;desc=${name};dur=${short(ms)}`)
  parts.push(`handler;dur=${short(handlerMs)}`, `json;dur=${short(jsonMs)}`, `total;dur=${short(totalMs)}`)
  return parts.join(', ')
}

/** The same for a log. */
export function asFields(timeline: Timeline) {
  const { queueMs, authMs, bodyMs, cacheMs, handlerMs, jsonMs, waitMs, databaseMs } = timeline
  const times = { queueMs, authMs, bodyMs, cacheMs, handlerMs, jsonMs, waitMs, databaseMs }
  return {
    ...Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, short(ms)])),
    cache: timeline.cache,
    statements: timeline.statements,
    slowest: timeline.listed
      ?.toSorted((one, other) => other.ms - one.ms)
      .slice(0, 5)
      .map(({ name, ms }) => `${name} ${short(ms)} ms`),
  }
}

/** Milliseconds to the microsecond. */
const short = (ms: number) => Math.round(ms * 1_000) / 1_000
