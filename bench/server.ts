/**
 * A Zimmer of which parts are switched off, for `bench ablate` and for endpoints without their caches: the same
 * routes over `openApp` with overrides, and some of the bench's own beside them. The product has no such switches.
 * Takes a `ServerOrder` as its only argument; the rest is the environment of `zimmer serve`.
 */
import { type Overrides, openApp } from '../src/app.ts'
import { prepareDataDir, readConfig } from '../src/config.ts'
import { serve } from '../src/http/server.ts'
import { allRoutes } from '../src/routes.ts'
import { lockInstance } from '../src/storage/instance-lock.ts'
import { benchRoutes } from './naive/routes.ts'

export interface ServerOrder {
  cachesOff?: ('principals' | 'responses' | 'service_tokens')[]
  settings?: 'plan' | 'default'
  measuring?: boolean
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '{}') as ServerOrder
  const config = prepareDataDir(readConfig())
  const unlock = config.databaseUrl ? () => {} : lockInstance(config.dataDir)
  const overrides: Overrides & ServerOrder = order
  const app = await openApp(config, overrides)
  await app.start()
  const serving = serve(app, [...allRoutes(app), ...benchRoutes(app)])
  const stop = async () => {
    await Promise.race([serving.stop(), Bun.sleep(1_000)])
    await app.close()
    unlock()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop())
  console.log(`listening on ${serving.url}`)
}
