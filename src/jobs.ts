import type { App } from './app.ts'
import type { Job } from './queue/queue.ts'

/** Every job and its schedule. */
export function allJobs(_app: App): Job[] {
  return []
}
