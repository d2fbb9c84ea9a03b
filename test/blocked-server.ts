/**
 * A server that is saturated, as a process of its own: run with the milliseconds for which its event loop is
 * blocked, those for which it is free in between, and those that each request computes. Prints its port.
 */
const [blockedMs = 0, freeMs = 0, computeMs = 0] = process.argv.slice(2).map(Number)

function compute(ms: number) {
  const until = performance.now() + ms
  while (performance.now() < until) Math.sqrt(until)
}

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

if (blockedMs > 0) {
  const burst = () => {
    compute(blockedMs)
    setTimeout(burst, freeMs)
  }
  burst()
}
