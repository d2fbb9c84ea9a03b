import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { reportRoutes } from './routes/report.ts'

export function performanceRoutes(app: App): Route[] {
  return reportRoutes(app)
}
