import { setupToken } from './accounts/accounts.ts'
import type { App } from './app.ts'
import { CommandError, EXIT } from './cli/exit.ts'
import { COMMAND } from './cli/name.ts'
import { explained, openForCommand } from './cli/open.ts'
import { type Config, prepareDataDir } from './config.ts'
import { type Serving, serve } from './http/server.ts'
import { compiler } from './http/validate.ts'
import { allJobs } from './jobs.ts'
import { sleep } from './lib/time.ts'
import { Worker } from './queue/queue.ts'
import { allRoutes, metricsPortRoutes } from './routes.ts'
import { lockInstance } from './storage/instance-lock.ts'
import { openWeb } from './web/web.ts'

/** When a start is over, and what it left out for speed may be loaded. */
const WARM_UP_MS = 500
/** A stopping server stays reachable this long, so that whoever asks /readyz hears of it. */
const UNREADY_MS = 300
/** Requests in flight may take this long; then their connections are cut. */
const DRAIN_MS = 8_000
/** A second signal this soon is the first one again. */
const ECHO_MS = 500
/** For the rest: 10 s in all, from the signal to the end. */
const CLOSE_MS = 1_500

/** What runs beside the server and ends with it. */
export interface Companion {
  stop(): Promise<void>
}

export interface ServeSteps {
  /** Before the first route is there: what the database has to contain. */
  prepare?(app: App): Promise<void>
  /** Once it listens; does not throw. */
  listening?(app: App, url: string): Promise<Companion>
}

/**
 * Serves until a signal ends it.
 *
 * @returns the exit code.
 * @throws CommandError when it can't start.
 */
export async function serveUntilStopped(given: Config, steps: ServeSteps = {}): Promise<number> {
  const config = prepareDataDir(given)
  const unlock = takeDataDir(config)
  const app = await openForCommand(config)
  app.onClose(unlock)
  try {
    await steps.prepare?.(app)
    const routes = allRoutes(app)
    const web = openWeb(app)
    const worker = new Worker(app.storage, allJobs(app), app.log, app.metrics)
    await app.start()
    // Before the line that tells others to come: the first of them may be a signal.
    const stop = untilToldToStop(app)
    const serving = listen(
      () => serve(app, routes, { pages: web.answer }),
      app.config,
      '--port or ZIMMER_PORT',
    )
    listenForMetrics(app)
    console.log(`listening on ${serving.url}`)
    worker.start()
    setTimeout(compiler, WARM_UP_MS).unref()
    await greet(app, serving.url)
    void web.prepare()
    const companion = steps.listening?.(app, serving.url)
    const code = await stop
    await shutDown(app, { serving, worker, companion })
    return code
  } catch (error) {
    await app.close()
    throw explained(error, config)
  }
}

/** One server per data folder on SQLite; on PostgreSQL there may be many. */
function takeDataDir(config: Config): () => void {
  if (config.databaseUrl) return () => {}
  try {
    return lockInstance(config.dataDir)
  } catch (error) {
    throw explained(error, config)
  }
}

function listen(
  start: () => Serving,
  { host, port }: { host: string; port: number },
  setting: string,
): Serving {
  try {
    return start()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    const known: Record<string, string> = {
      EADDRINUSE: `port ${port} of ${host} is in use: choose another with ${setting} (0 takes any free one)`,
      EACCES: `this user may not listen on port ${port}: choose one from 1024 up with ${setting}`,
      ENOENT: `${host} is no address and no name that is known here: change --host or ZIMMER_HOST`,
      EADDRNOTAVAIL: `${host} is no address of this machine: change --host or ZIMMER_HOST`,
    }
    if (code && known[code]) throw new CommandError(known[code])
    if (/listen|address|resolve/i.test(message)) {
      throw new CommandError(`can't listen on ${host}:${port}: ${message}`)
    }
    throw error
  }
}

/** Ends with the App: the last scrape may come while it stops. */
function listenForMetrics(app: App) {
  const { metricsPort } = app.config
  if (metricsPort === null) return
  const at = { host: '127.0.0.1', port: metricsPort }
  const serving = listen(
    () => serve(app, metricsPortRoutes(app), { listen: at, admission: null }),
    at,
    'ZIMMER_METRICS_PORT',
  )
  app.onClose(() => serving.stop(true))
  console.log(`metrics on ${serving.url}/metrics`)
}

/** While nobody can sign in to manage this Zimmer: how somebody can. */
async function greet(app: App, url: string) {
  const token = await app.write((tx) => setupToken(tx))
  if (!token) return
  console.log(`
There is no manager yet. Whoever opens this link first becomes the manager; it works once:
  ${app.config.publicUrl ?? url}/setup?token=${token}
Or, in this folder:
  ${COMMAND} admin create --email you@example.com --name You --role manager
Then sign in: ${url}
`)
}

/**
 * Resolves with the exit code at the first signal; a second one doesn't wait. One Ctrl+C may come twice: from the
 * terminal, and from npm, which passes it on.
 */
function untilToldToStop({ log }: App): Promise<number> {
  return new Promise((resolve) => {
    let told = false
    let toldAt = 0
    const tell = (signal: string) => {
      if (told && performance.now() - toldAt < ECHO_MS) return
      if (told) process.exit(EXIT.failure)
      told = true
      toldAt = performance.now()
      log.info({ signal }, 'stopping')
      resolve(EXIT.well)
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => tell(signal))
    const failed = (error: unknown) => {
      log.fatal({ err: error }, 'an error that nothing caught: stopping')
      if (told) process.exit(EXIT.failure)
      told = true
      resolve(EXIT.failure)
    }
    process.on('uncaughtException', failed)
    process.on('unhandledRejection', failed)
  })
}

interface Running {
  serving: Serving
  worker: Worker
  companion: Promise<Companion> | undefined
}

/** Unready, drain, stop the workers, checkpoint; within 10 s whatever hangs. */
async function shutDown(app: App, { serving, worker, companion }: Running) {
  app.draining = true
  const stopped = Promise.all([worker.stop(), companion?.then((running) => running.stop())])
  await sleep(UNREADY_MS)
  if (!(await within(DRAIN_MS - UNREADY_MS, serving.stop()))) {
    app.log.warn('requests were still in flight: their connections are cut')
    await within(100, serving.stop(true))
  }
  await within(CLOSE_MS / 3, stopped)
  if (!(await within(CLOSE_MS, app.close()))) app.log.error('the database did not close in time')
}

async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(ms).then(() => false)])
}
