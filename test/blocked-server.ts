/**
 * A server that is saturated, as a process of its own, for nothing here may hold it up.
 *
 * @param blockedMs for so long its event loop is blocked, again and again; 0 never.
 * @param freeMs in between.
 * @param computeMs what each request computes.
 */
export async function blockedServer({ blockedMs = 0, freeMs = 0, computeMs = 0 }) {
  const figures = [blockedMs, freeMs, computeMs].map(String)
  const child = Bun.spawn([process.execPath, import.meta.path, ...figures], { stdout: 'pipe' })
  const { value } = await child.stdout.getReader().read()
  const port = Number(new TextDecoder().decode(value))
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => child.kill('SIGKILL') }
}

function compute(ms: number) {
  const until = performance.now() + ms
  while (performance.now() < until) Math.sqrt(until)
}

/** Answers as a Zimmer does, and prints its port. */
function run([blockedMs = 0, freeMs = 0, computeMs = 0]: number[]) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => {
      compute(computeMs)
      const isHealth = request.url.endsWith('/health')
      return Response.json(isHealth ? { uptime_s: 1, checks: {} } : { status: 'ok' })
    },
  })
  console.log(server.port)
  const burst = () => {
    compute(blockedMs)
    setTimeout(burst, freeMs)
  }
  if (blockedMs > 0) burst()
}

if (import.meta.main) run(process.argv.slice(2).map(Number))
