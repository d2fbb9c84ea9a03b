import { connect, createServer, type Server, type Socket } from 'node:net'
import { systemWires, type Wires } from '../src/performance/probe/wires.ts'

/** A TCP proxy that holds each piece for a while, in each direction. */
export class DelayingProxy {
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  port = 0

  static async to(port: number, delayMs: number): Promise<DelayingProxy> {
    const proxy = new DelayingProxy()
    proxy.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      proxy.#join(near, far, delayMs)
      proxy.#join(far, near, delayMs)
    })
    const listening = Promise.withResolvers<void>()
    proxy.#server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    proxy.port = (proxy.#server.address() as { port: number }).port
    return proxy
  }

  #join(from: Socket, to: Socket, delayMs: number) {
    this.#sockets.add(from)
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs))
    from.on('close', () => setTimeout(() => to.destroy(), delayMs))
    from.on('error', () => {})
  }

  [Symbol.dispose]() {
    this.#server?.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Names and connections of a test: what is not given is the system's. */
export const testWires = (own: Partial<Wires>): Wires => ({ ...systemWires, ...own })

/** The handshake of TCP crosses the network as well, which no proxy can delay. */
export const slowDial =
  (roundTripMs: number): Wires['dial'] =>
  async (address, port, signal) => {
    const socket = await systemWires.dial(address, port, signal)
    await Bun.sleep(roundTripMs)
    return socket
  }
