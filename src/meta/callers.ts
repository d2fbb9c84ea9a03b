import type { App } from '../app.ts'
import { isLoopback } from '../config.ts'
import type { CallerRule } from '../http/route.ts'
import { Refusal } from '../lib/refusal.ts'
import { sameSecret } from '../lib/secret.ts'

/** What a proxy on this machine adds: the one who calls through it is not on this machine. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip']

/** Who may read the metrics: whoever has ZIMMER_METRICS_TOKEN, or without one, this machine alone. */
export function scraper({ config }: App): CallerRule<null> {
  const { metricsToken } = config
  return {
    name: 'metrics token, or this machine',
    security: null,
    resolve: (request) => {
      if (metricsToken) {
        if (sameSecret(request.bearer ?? '', metricsToken)) return null
        throw new Refusal(
          'unauthenticated',
          'metrics_token',
          'Send ZIMMER_METRICS_TOKEN as Authorization: Bearer',
        )
      }
      const forwarded = config.trustedProxies.length === 0 && FORWARDED.some((name) => request.header(name))
      if (isLoopback(request.address) && !forwarded) return null
      throw new Refusal(
        'forbidden',
        'metrics_local',
        'Only this machine may read the metrics: set ZIMMER_METRICS_TOKEN to read them from elsewhere',
      )
    },
  }
}
