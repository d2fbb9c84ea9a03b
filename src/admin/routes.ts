import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { overviewRoutes } from './routes/overview.ts'
import { usageRoutes } from './routes/usage.ts'
import { userRoutes } from './routes/users.ts'
import { usersBulkRoutes } from './routes/users-bulk.ts'

export function adminRoutes(app: App): Route[] {
  return [...userRoutes(app), ...usersBulkRoutes(app), ...overviewRoutes(app), ...usageRoutes(app)]
}
