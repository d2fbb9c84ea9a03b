/** What came back, as far as a load looks. `body` is only valid until the handler returns. */
export interface Answer {
  status: number
  body: Buffer
}

const HEADERS_END = Buffer.from('\r\n\r\n')
const LENGTH = /content-length: *(\d+)/i
const CHUNKED = /transfer-encoding: *chunked/i
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')
const EMPTY = Buffer.alloc(0)

interface Handlers {
  answer(answer: Answer): void
  /** The connection ended; a request that waited for its answer never gets one. */
  closed(): void
}

/** One keep-alive connection of HTTP/1.1 with one request at a time, as thin as it can be. */
export class HttpConnection {
  #rest: Buffer = EMPTY
  #unsent: Buffer = EMPTY
  #socket: Bun.Socket | undefined

  private constructor(private readonly handlers: Handlers) {}

  static async open(url: string, handlers: Handlers): Promise<HttpConnection> {
    const { hostname, port } = new URL(url)
    const connection = new HttpConnection(handlers)
    connection.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        binaryType: 'buffer',
        open: (socket) => void socket.setNoDelay(true),
        data: (_, data) => connection.#receive(data as Buffer),
        drain: () => connection.#flush(),
        close: () => handlers.closed(),
        error: () => {},
        connectError: () => {},
      },
    })
    return connection
  }

  /** The bytes may be used again once this returns. */
  send(request: Buffer) {
    const written = this.#socket?.write(request) ?? 0
    if (written < request.byteLength) this.#unsent = Buffer.from(request.subarray(Math.max(written, 0)))
  }

  close() {
    this.#socket?.end()
  }

  #flush() {
    if (this.#unsent.byteLength === 0) return
    const written = this.#socket?.write(this.#unsent) ?? 0
    this.#unsent = this.#unsent.subarray(Math.max(written, 0))
  }

  #receive(data: Buffer) {
    const bytes = this.#rest.byteLength === 0 ? data : Buffer.concat([this.#rest, data])
    const end = bytes.indexOf(HEADERS_END)
    const next = end < 0 ? Number.POSITIVE_INFINITY : endOf(bytes, end)
    if (bytes.byteLength < next) {
      this.#rest = bytes === data ? Buffer.from(data) : bytes
      return
    }
    this.#rest = EMPTY
    const status =
      ((bytes[9] as number) - 48) * 100 + ((bytes[10] as number) - 48) * 10 + ((bytes[11] as number) - 48)
    this.handlers.answer({ status, body: bytes.subarray(end + 4, next) })
  }
}

/** How many bytes the whole answer has; of one in chunks, once the last chunk is there. */
function endOf(bytes: Buffer, headersEnd: number) {
  const head = bytes.toString('latin1', 0, headersEnd)
  const length = LENGTH.exec(head)?.[1]
  if (length !== undefined) return headersEnd + 4 + Number(length)
  if (!CHUNKED.test(head)) return headersEnd + 4
  const isWhole = bytes.subarray(-LAST_CHUNK.byteLength).equals(LAST_CHUNK)
  return isWhole ? bytes.byteLength : Number.POSITIVE_INFINITY
}

/** A request whose `hole` (ASCII, all of it unique in the text) can be written over before each send. */
export function requestWith(method: string, path: string, headers: Record<string, string>, body = '') {
  const head = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`)
  if (body) head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`)
}
