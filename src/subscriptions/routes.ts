import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { addRoutes } from './routes/add.ts'
import { listRoutes } from './routes/list.ts'
import { provisionRoutes } from './routes/provision.ts'

export function subscriptionRoutes(app: App): Route[] {
  return [...listRoutes(app), ...addRoutes(app), ...provisionRoutes(app)]
}
