import type { App } from '../app.ts'
import type { RouteSeries } from '../metrics/recorder.ts'
import { inTimeline, serverTiming, Timeline } from '../metrics/timeline.ts'
import type { Incoming } from './incoming.ts'
import type { CallerRule, Route } from './route.ts'

/** Measures the requests of one route: `begin`, `run`, `end`. */
export class Observer {
  readonly #series: RouteSeries
  readonly #caller: CallerRule<unknown>

  constructor(
    private readonly app: App,
    { method, path, targetMs, caller }: Route,
  ) {
    this.#series = app.metrics.routes.add(method, path, targetMs)
    this.#caller = caller
  }

  /** Gives the request its timeline. */
  begin(request: Incoming) {
    const { metrics, config } = this.app
    if (!metrics.measuring) return
    const { startedAt, turnMs } = request
    const queueMs = turnMs || metrics.eventLoop.lagAt(startedAt)
    const timeline = new Timeline(this.#series, startedAt + turnMs, queueMs, request)
    timeline.isShown = config.dev
    request.timeline = timeline
  }

  run<Result>({ timeline }: Incoming, work: () => Result): Result {
    return timeline ? inTimeline(timeline, work) : work()
  }

  /** A reply that was in memory: it has no phases worth telling apart. */
  kept(request: Incoming, caller: unknown, response: Response) {
    const { metrics, config } = this.app
    if (!metrics.measuring) return
    const queueMs = metrics.eventLoop.lagAt(request.startedAt)
    const tookMs = performance.now() - request.startedAt + queueMs
    this.#series.answered(response.status, tookMs)
    const isShown = config.dev || this.#caller.seesTimings?.(caller)
    if (!isShown && metrics.slow.isQuick(tookMs)) return
    const timeline = new Timeline(this.#series, request.startedAt, queueMs, request)
    timeline.cache = 'hit'
    timeline.ended('cacheMs')
    timeline.end()
    metrics.slow.request(timeline, response.status)
    if (isShown) show(response.headers, timeline)
  }

  /** Once it is known who calls: the end of authentication. */
  called({ timeline }: Incoming, caller: unknown) {
    if (!timeline) return
    timeline.ended('authMs')
    if (this.#caller.seesTimings?.(caller)) timeline.isShown = true
  }

  /** It was refused unheard, for there was too much at once. */
  shed() {
    if (this.app.metrics.measuring) this.#series.shed()
  }

  /** Records it, and tells those who may know where the time went. */
  end({ timeline }: Incoming, response: Response) {
    if (!timeline) return
    timeline.end()
    this.#series.answered(response.status, timeline.waitedMs)
    this.app.metrics.slow.request(timeline, response.status)
    if (timeline.isShown) show(response.headers, timeline)
    timeline.release()
  }
}

function show(headers: Headers, timeline: Timeline) {
  headers.set('server-timing', serverTiming(timeline))
  // Only a configured origin has this header.
  const origin = headers.get('access-control-allow-origin')
  if (origin) headers.set('timing-allow-origin', origin)
}
