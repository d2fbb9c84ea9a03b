import { createServer, type Socket } from 'node:net'
import type { Wires } from '../src/performance/probe/wires.ts'
import { type ProbeOptions, probe } from '../src/performance/probe.ts'
import { testWires } from './slow-network.ts'
import { until } from './until.ts'

/** Well above what a busy machine adds, and above what counts as felt. */
export const DELAY_MS = 200

export const ask = (url: string, wires: Partial<Wires> = {}, options: Partial<ProbeOptions> = {}) =>
  probe({ url: new URL(url), rounds: 2, timeoutMs: 10_000, overallMs: 60_000, ...options }, testWires(wires))

export type Asked = Awaited<ReturnType<typeof ask>>
export const codes = ({ verdict }: Asked) => verdict.map(({ code }) => code)
/** What isn't merely good to know. */
export const wrong = ({ verdict }: Asked) =>
  verdict.filter(({ level }) => level !== 'note').map(({ code }) => code)

/** Asks once more while the verdict is another: a pause of the whole machine is rightly taken for slowness. */
export const askUntil = (isSo: (seen: Asked) => boolean, ...of: Parameters<typeof ask>) =>
  until(() => ask(...of), isSo, 90_000)

/** As `askUntil`, for what has to be wrong, in any order. */
export const askFor = (expected: string[], ...of: Parameters<typeof ask>) =>
  askUntil((seen) => Bun.deepEquals(wrong(seen).sort(), [...expected].sort()), ...of)

export type Answer = (path: string, request: Request) => Response | Promise<Response>

/** A server that answers as a Zimmer does, with `answer` in the place of what it names. */
export function serving(answer: Answer = () => new Response('{}'), tls?: { cert: string; key: string }) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    ...(tls ? { tls } : {}),
    fetch: (request) => answer(new URL(request.url).pathname, request),
  })
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}`
  return { url, port: server.port as number, [Symbol.asyncDispose]: () => server.stop(true) }
}

export const zimmerLike = (rest: Answer) =>
  serving((path, request) => {
    if (path === '/health') return Response.json({ uptime_s: 1, checks: {} })
    if (path === '/healthz' || path === '/readyz') return Response.json({ status: 'ok' })
    if (request.method === 'POST') return Response.json({}, { status: 422 })
    return rest(path, request)
  })

/** A server of bytes: `accept` does what it likes with each connection. */
export async function raw(accept: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    accept(socket)
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** To every request, whatever it is. */
export const saying = (text: string) => raw((socket) => socket.on('data', () => socket.write(text)))

/** A name with these addresses, in this order. */
export function named(...addresses: string[]): Wires['resolve'] {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}
