import { type Config, ConfigError, readConfig } from './config.ts'
import { serviceOf } from './service.ts'
import { Subscriptions } from './subscriptions.ts'

/** Longer than the four tries of a summary in flight, with their pauses. */
const longestGoodbyeMs = 45_000
/** One Ctrl+C may come twice: from the terminal, and from npm, which passes it on. */
const echoMs = 500
let leavingSince = 0

function main(): void {
  try {
    const { server, url } = start(readConfig(process.env))
    console.log(`summarizer listening on ${url}`)
    process.on('SIGTERM', () => goodbye(server))
    process.on('SIGINT', () => goodbye(server))
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      console.error(`summarizer can't start: ${(error as Error).message}`)
      process.exit(1)
    }
    for (const mistake of error.mistakes) console.error(mistake)
    process.exit(2)
  }
}

function start(config: Config) {
  const subscriptions = new Subscriptions(config.dataDir)
  const server = Bun.serve({
    hostname: config.host,
    port: config.port,
    idleTimeout: 60, // the default would hang up on a summary that waits for Zimmer
    fetch: (request) => handle(request),
  })
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${server.port}`
  const zimmer = {
    url: config.zimmerUrl,
    serviceToken: config.serviceToken,
    timeoutMs: 5_000,
    backoffMs: 200,
  }
  const handle = serviceOf({ zimmer, subscriptions, publicUrl: config.publicUrl ?? url })
  return { server, url }
}

/** Takes nothing new, finishes what is in flight. A second signal doesn't wait. */
async function goodbye(server: Bun.Server<undefined>): Promise<void> {
  if (leavingSince > 0) {
    if (performance.now() - leavingSince > echoMs) process.exit(1)
    return
  }
  leavingSince = performance.now()
  setTimeout(() => process.exit(1), longestGoodbyeMs).unref()
  await server.stop()
  process.exit(0)
}

main()
