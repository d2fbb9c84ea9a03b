import { accountsJobs } from './accounts/jobs.ts'
import { adminJobs } from './admin/jobs.ts'
import type { App } from './app.ts'
import { catalogueJobs } from './catalogue/jobs.ts'
import { ledgerJobs } from './ledger/jobs.ts'
import { performanceJobs } from './performance/jobs.ts'
import type { Job } from './queue/queue.ts'

/** Every job and its schedule, a line per domain. */
export function allJobs(app: App): Job[] {
  return [
    ...accountsJobs(app),
    ...catalogueJobs(app),
    ...ledgerJobs(app),
    ...performanceJobs(app),
    ...adminJobs(app),
  ]
}
