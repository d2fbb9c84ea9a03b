import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'
import { automationRoutes } from './routes/automations.ts'
import { healthRoutes } from './routes/health.ts'
import { marketplaceRoutes } from './routes/marketplace.ts'
import { serviceTokenRoutes } from './routes/service-tokens.ts'

export function catalogueRoutes(app: App): Route[] {
  return [
    ...marketplaceRoutes(app),
    ...automationRoutes(app),
    ...serviceTokenRoutes(app),
    ...healthRoutes(app),
  ]
}
