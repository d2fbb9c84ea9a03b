import { accountsRoutes } from './accounts/routes.ts'
import { adminRoutes } from './admin/routes.ts'
import type { App } from './app.ts'
import { catalogueRoutes } from './catalogue/routes.ts'
import type { Route } from './http/route.ts'
import { ledgerRoutes } from './ledger/routes.ts'
import { metaRoutes, metricsPortRoutes } from './meta/routes.ts'
import { performanceRoutes } from './performance/routes.ts'
import { subscriptionRoutes } from './subscriptions/routes.ts'
import { usageRoutes } from './usage/routes.ts'

export { metricsPortRoutes }

/** Every route, a line per domain. */
export function allRoutes(app: App): Route[] {
  const routes = [
    ...accountsRoutes(app),
    ...catalogueRoutes(app),
    ...ledgerRoutes(app),
    ...subscriptionRoutes(app),
    ...usageRoutes(app),
    ...performanceRoutes(app),
    ...adminRoutes(app),
  ]
  return [...metaRoutes(app, routes), ...routes]
}
