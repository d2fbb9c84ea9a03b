import type { App } from '../app.ts'
import type { Job } from '../queue/queue.ts'
import { sumClosedDays } from './usage-stats.ts'

export function adminJobs(app: App): Job[] {
  return [{ kind: 'admin.sums', schedule: '7 0 * * *', run: () => app.write((tx) => sumClosedDays(tx)) }]
}
