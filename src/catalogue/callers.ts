import type { App } from '../app.ts'
import type { CallerRule } from '../http/route.ts'

/** An automation service that showed a live service token. */
export interface ServiceCaller {
  automationId: number
  serviceTokenId: number
  scopes: readonly string[]
}

/** `X-Zimmer-Service-Token` with the scope. */
export function service(_app: App, _scope: 'consume'): CallerRule<ServiceCaller> {
  throw new Error('being written')
}
