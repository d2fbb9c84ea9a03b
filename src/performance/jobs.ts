import type { App } from '../app.ts'
import type { Job } from '../queue/queue.ts'
import { rollUp, sweepOldNames, sweepSamples } from './roll-up.ts'

/** Small steps, so that nobody waits for the writer; what is left is for the next time. */
const CHUNK = 500
const STEPS_MOST = 200

export function performanceJobs(app: App): Job[] {
  return [
    {
      kind: 'performance.roll_up',
      schedule: '4,19,34,49 * * * *',
      run: async () => {
        for (let i = 0; i < STEPS_MOST; i++) if (!(await app.write((tx) => rollUp(tx)))) return
      },
    },
    {
      kind: 'performance.sweep',
      schedule: '23 * * * *',
      run: async () => {
        await app.write((tx) => sweepOldNames(tx))
        for (let i = 0; i < STEPS_MOST; i++) {
          const swept = await app.write((tx) => sweepSamples(tx, CHUNK))
          if (swept < CHUNK) return
        }
      },
    },
  ]
}
