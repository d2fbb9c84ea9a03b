import { hostname } from 'node:os'
import type { App } from '../../app.ts'
import { Keeper } from '../keeper.ts'

const keepers = new WeakMap<App, Keeper>()

/** What writes down the measurements of this process; one per App. A server starts it and ends it. */
export function keeperOf(app: App): Keeper {
  const known = keepers.get(app)
  if (known) return known
  // Two processes on one machine have two ports; a restart has the same.
  const keeper = new Keeper(app, `${hostname()}:${app.config.port}`, () => [])
  keepers.set(app, keeper)
  app.onStart(() => {
    keeper.start()
    app.onClose(() => keeper.stop())
  })
  return keeper
}
