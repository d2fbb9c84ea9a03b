import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { reportRoutes } from './routes/report.ts'
import { tuningRoutes } from './routes/tuning.ts'

export function performanceRoutes(app: App): Route[] {
  return [...reportRoutes(app), ...tuningRoutes(app)]
}
