import { lookup } from 'node:dns/promises'
import { connect, type Socket } from 'node:net'

export interface Address {
  address: string
  family: 4 | 6
}

/** How a probe reaches the outside; tests put in their own. */
export interface Wires {
  /** All addresses of a name, in the order in which a client would try them. */
  resolve(host: string): Promise<Address[]>
  /** Resolves once it is connected; `signal` ends the attempt. Rejects with the system's error. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Socket>
  /** Certificate authorities to trust instead of the system's, PEM. */
  ca?: string
}

export const systemWires: Wires = {
  resolve: async (host) => {
    const found = await lookup(host, { all: true, order: 'verbatim' })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  },
  dial: (address, port, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true })
      const abort = () => {
        socket.destroy()
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        signal.removeEventListener('abort', abort)
        socket.off('error', reject)
        // Between two requests nobody listens; what went wrong shows at the next one.
        socket.on('error', () => {})
        resolve(socket)
      })
    }),
}
