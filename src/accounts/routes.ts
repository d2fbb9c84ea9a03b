import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { managerChangeRoutes } from './routes/manager-changes.ts'
import { managerRoutes } from './routes/managers.ts'
import { meRoutes } from './routes/me.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { setupRoutes } from './routes/setup.ts'
import { signInRoutes } from './routes/sign-in.ts'

export function accountsRoutes(app: App): Route[] {
  return [
    ...signInRoutes(app),
    ...sessionRoutes(app),
    ...meRoutes(app),
    ...managerRoutes(app),
    ...managerChangeRoutes(app),
    ...setupRoutes(app),
  ]
}
