import type { App } from '../app.ts'
import type { Route } from '../http/route.ts'

export function usageRoutes(_app: App): Route[] {
  return []
}
