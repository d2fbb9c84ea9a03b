import type { App } from '../../app.ts'
import { Keeper } from '../keeper.ts'
import { nodeName } from '../node.ts'

const keepers = new WeakMap<App, Keeper>()

/** What writes down the measurements of this process; one per App. A server starts it and ends it. */
export function keeperOf(app: App): Keeper {
  const known = keepers.get(app)
  if (known) return known
  const keeper = new Keeper(app, nodeName(app.config))
  keepers.set(app, keeper)
  app.onStart(() => {
    keeper.start()
    app.onClose(() => keeper.stop())
  })
  return keeper
}
