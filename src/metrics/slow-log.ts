import type { StatementSeries } from './recorder.ts'
import { asFields, currentTimeline, type Timeline } from './timeline.ts'

/** Lines per name and minute; then they are only counted. */
const MOST_LINES = 5
const WINDOW_MS = 60_000
const LONGEST_SQL = 2_000

type Write = (fields: Record<string, unknown>, message: string) => void

/** A log line for each statement and each request that takes `fromMs` or longer; 0 writes none. */
export class SlowLog {
  readonly #windows = new Map<string, number>()

  constructor(
    private readonly fromMs: number,
    private readonly write: Write,
    private readonly windowMs = WINDOW_MS,
  ) {}

  statement({ name, sql }: StatementSeries, ms: number) {
    if (this.isQuick(ms) || !this.#mayWrite('slow statement', name)) return
    const timeline = currentTimeline()
    const at = timeline && { route: routeOf(timeline), ...namesOf(timeline) }
    this.write({ name, ms: Math.round(ms), sql: sql.slice(0, LONGEST_SQL), ...at }, 'slow statement')
  }

  request(timeline: Timeline, status: number) {
    const { waitedMs } = timeline
    const name = routeOf(timeline)
    if (this.isQuick(waitedMs) || !this.#mayWrite('slow request', name)) return
    const fields = { name, ms: Math.round(waitedMs), status, ...namesOf(timeline) }
    this.write({ ...fields, timeline: asFields(timeline) }, 'slow request')
  }

  /** Not worth a line. */
  isQuick(ms: number) {
    return this.fromMs === 0 || ms < this.fromMs
  }

  #mayWrite(kind: string, name: string): boolean {
    const key = `${kind} ${name}`
    const seen = this.#windows.get(key) ?? 0
    this.#windows.set(key, seen + 1)
    if (seen === 0) setTimeout(() => this.#close(kind, name), this.windowMs).unref()
    return seen < MOST_LINES
  }

  #close(kind: string, name: string) {
    const key = `${kind} ${name}`
    const unwritten = (this.#windows.get(key) ?? 0) - MOST_LINES
    this.#windows.delete(key)
    if (unwritten > 0) this.write({ name, unwritten }, `${kind}, more in the same minute`)
  }
}

const namesOf = ({ requestId, traceparent }: Timeline) => ({
  requestId,
  ...(traceparent ? { traceparent } : {}),
})
const routeOf = ({ route }: Timeline) => `${route.method} ${route.path}`
