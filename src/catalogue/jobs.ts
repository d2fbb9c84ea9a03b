import type { App } from '../app.ts'
import { FetchError, outside, safeFetch } from '../http/fetch.ts'
import { SECOND_MS, sleep } from '../lib/time.ts'
import type { Job } from '../queue/queue.ts'
import { automationsToCheck, type Health, judge, type Probe, recordHealth } from './health.ts'

const ATTEMPTS = 3
const PAUSE_MS = 250
const TIMEOUT_MS = 5 * SECOND_MS
const AT_ONCE = 5
/** No check begins later: with the last ones it stays below a job's lease, and the rest come first next minute. */
const START_WITHIN_MS = 20 * SECOND_MS

export function catalogueJobs(app: App): Job[] {
  return [
    {
      kind: 'catalogue.health',
      schedule: '* * * * *',
      // The next minute tries again anyway.
      maxAttempts: 1,
      run: () => checkAll(app),
    },
  ]
}

async function checkAll(app: App) {
  const waiting = await automationsToCheck(app.db)
  const end = performance.now() + START_WITHIN_MS
  const worker = async () => {
    while (!app.draining && performance.now() < end) {
      const next = waiting.shift()
      if (!next) return
      const health = await askHealth(app, next.url)
      await app.write((tx) => recordHealth(tx, next, health))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** How the service at this URL is, asked three times before it is called unhealthy. Holds no transaction. */
export async function askHealth(app: App, url: string, timeoutMs = TIMEOUT_MS): Promise<Health> {
  for (let attempt = 1; ; attempt++) {
    const health = judge(await probe(app, url, timeoutMs))
    if (health.status !== 'unhealthy' || attempt === ATTEMPTS || app.draining) return health
    await sleep(PAUSE_MS)
  }
}

async function probe(app: App, url: string, timeoutMs: number): Promise<Probe> {
  try {
    return await safeFetch(outside(app.config), url, { timeoutMs })
  } catch (error) {
    if (error instanceof FetchError) return { failure: error.message }
    throw error
  }
}
