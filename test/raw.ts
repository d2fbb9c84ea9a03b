import { connect, type Socket } from 'node:net'

/** What came over one connection. */
export interface Heard {
  /** Everything, as bytes read as Latin-1. */
  text: string
  /** The status of each reply. */
  statuses: number[]
  /** Whether the server ended it; else we did, when enough was heard. */
  closed: boolean
  tookMs: number
}

export interface Saying {
  /** Ends when so many replies have begun; 0 waits for the server to close. */
  replies?: number
  /** Ends after so long whatever was heard. */
  forMs?: number
}

/** Says something to a server over a connection of its own, byte for byte, in one piece or in several. */
export async function say(
  url: string,
  pieces: string | Uint8Array | AsyncIterable<string>,
  { replies = 1, forMs = 20_000 }: Saying = {},
): Promise<Heard> {
  const { hostname, port } = new URL(url)
  const startedAt = performance.now()
  const socket = connect(Number(port), hostname)
  let text = ''
  const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  const closed = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), forMs)
    const end = (byServer: boolean) => {
      clearTimeout(timer)
      resolve(byServer)
    }
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (replies > 0 && statuses().length >= replies) end(false)
    })
    socket.on('close', () => end(true))
    // Writing on after the server has had enough: what it said before counts.
    socket.on('error', () => {})
    void write(socket, pieces)
  })
  socket.destroy()
  return { text, statuses: statuses(), closed, tookMs: performance.now() - startedAt }
}

async function write(socket: Socket, pieces: string | Uint8Array | AsyncIterable<string>) {
  if (typeof pieces === 'string' || pieces instanceof Uint8Array) socket.write(pieces)
  else {
    for await (const piece of pieces) {
      if (socket.destroyed) return
      socket.write(piece)
    }
  }
}

/** A request as text: the request line, `Host`, and the headers. */
export function head(line: string, headers: Record<string, string | number> = {}) {
  const all = { host: 'zimmer.test', ...headers }
  return `${line}\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
}
