import type { App } from '../app.ts'
import type { Job } from '../queue/queue.ts'
import { sweepSessions } from './sessions.ts'

/** Small, so that nobody waits for the writer; the rest is left to the next hour. */
const CHUNK = 100
const CHUNKS_MOST = 100

export function accountsJobs(app: App): Job[] {
  return [
    {
      kind: 'accounts.sweep',
      schedule: '17 * * * *',
      run: async () => {
        for (let i = 0; i < CHUNKS_MOST; i++) {
          const swept = await app.write((tx) => sweepSessions(tx, CHUNK))
          if (swept < CHUNK) return
        }
      },
    },
  ]
}
