import { type FailureCode, ProbeError, printable } from './failure.ts'

const MAX_HEAD_BYTES = 65_536
const MAX_LINE_BYTES = 1_024
/** What is kept of a body; the rest is only counted. */
const KEPT_BYTES = 65_536
/** A longer body is left after so much: its rate is known by then. */
export const MAX_BODY_BYTES = 16 * 1_048_576

const STATUS_LINE = /^HTTP\/1\.[01] [1-5]\d{2}(?: [^\r\n]*)?$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/
const CHUNK_SIZE = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/

type State = 'head' | 'sized' | 'chunk size' | 'chunk' | 'chunk end' | 'trailers' | 'until close' | 'done'

/** Reads one HTTP/1.1 answer as it comes in: strict, and bounded in what it reads and keeps. */
export class ResponseReader {
  status = 0
  httpVersion = ''
  readonly headers = new Map<string, string>()
  /** Of the body as it crossed the wire, packed or not, without the framing of chunks. */
  bodyBytes = 0
  /** The body was longer than MAX_BODY_BYTES, and its rest was not read. */
  cut = false
  #state: State = 'head'
  #left = 0
  #headBytes = 0
  #unread: Buffer = Buffer.alloc(0)
  readonly #kept: Buffer[] = []
  #keptBytes = 0

  get done() {
    return this.#state === 'done'
  }

  /** The first 64 KiB of the body, as they came. */
  get body(): Buffer {
    return Buffer.concat(this.#kept)
  }

  /** Whether another request may follow on this connection. */
  get keepsAlive() {
    const connection = this.headers.get('connection')?.toLowerCase() ?? ''
    if (this.cut || this.#endsByClose) return false
    return this.httpVersion === '1.1' ? !connection.includes('close') : connection.includes('keep-alive')
  }

  #endsByClose = false

  /** @throws ProbeError not_http, endless_headers */
  push(bytes: Buffer) {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    while (!this.done && this.#step()) {}
  }

  /** The server closed the connection: which ends some answers, and breaks others. */
  close() {
    if (this.#state === 'until close') this.#state = 'done'
    else if (!this.done)
      throw fail(this.status ? 'stalled' : 'closed', 'it closed the connection before its end')
  }

  /** @returns whether it got further. */
  #step(): boolean {
    if (this.#state === 'head' || this.#state === 'trailers') return this.#header()
    if (this.#state === 'chunk size') return this.#chunkSize()
    if (this.#state === 'chunk end') return this.#chunkEnd()
    return this.#data()
  }

  #header(): boolean {
    const line = this.#line()
    if (line === undefined) {
      const waiting = this.#unread.length + this.#headBytes
      if (!this.status && this.#headBytes === 0) this.#mustLookLikeHttp()
      if (waiting > MAX_HEAD_BYTES)
        throw fail('endless_headers', `more than ${MAX_HEAD_BYTES} bytes of headers`)
      return false
    }
    this.#headBytes += line.length + 2
    if (this.#headBytes > MAX_HEAD_BYTES) {
      throw fail('endless_headers', `more than ${MAX_HEAD_BYTES} bytes of headers`)
    }
    if (!this.status) this.#statusLine(line)
    else if (line === '') this.#headEnds()
    else this.#headerLine(line)
    return true
  }

  #statusLine(line: string) {
    if (!STATUS_LINE.test(line)) throw fail('not_http', `it began with ${shown(line)}`)
    this.httpVersion = line.slice(5, 8)
    this.status = Number(line.slice(9, 12))
  }

  #headerLine(line: string) {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined) throw fail('not_http', `a header line was ${shown(line)}`)
    if (this.#state === 'trailers') return
    const key = name.toLowerCase()
    const earlier = this.headers.get(key)
    this.headers.set(key, printable(earlier === undefined ? value : `${earlier}, ${value}`))
  }

  #headEnds() {
    if (this.#state === 'trailers') {
      this.#state = 'done'
      return
    }
    if (this.status < 200) {
      // 100 Continue, 103 Early Hints: the answer itself is still to come.
      this.status = 0
      this.headers.clear()
      return
    }
    const length = this.headers.get('content-length')
    if (this.status === 204 || this.status === 304) this.#state = 'done'
    else if (this.headers.get('transfer-encoding')?.toLowerCase().endsWith('chunked'))
      this.#state = 'chunk size'
    else if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) throw fail('not_http', `content-length was ${shown(length)}`)
      this.#left = Number(length)
      this.#state = this.#left === 0 ? 'done' : 'sized'
    } else {
      this.#endsByClose = true
      this.#state = 'until close'
    }
  }

  #chunkSize(): boolean {
    const line = this.#line()
    if (line === undefined) {
      if (this.#unread.length > MAX_LINE_BYTES) throw fail('not_http', 'a chunk without a size')
      return false
    }
    const size = CHUNK_SIZE.exec(line)?.[1]
    if (size === undefined) throw fail('not_http', `a chunk size was ${shown(line)}`)
    this.#left = Number.parseInt(size, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'chunk'
    return true
  }

  #chunkEnd(): boolean {
    if (this.#unread.length < 2) return false
    if (this.#unread[0] !== 13 || this.#unread[1] !== 10) throw fail('not_http', 'a chunk without an end')
    this.#unread = this.#unread.subarray(2)
    this.#state = 'chunk size'
    return true
  }

  #data(): boolean {
    if (this.#unread.length === 0) return false
    const isSized = this.#state !== 'until close'
    const piece = isSized ? this.#unread.subarray(0, this.#left) : this.#unread
    this.#unread = this.#unread.subarray(piece.length)
    this.bodyBytes += piece.length
    if (this.#keptBytes < KEPT_BYTES) {
      const kept = piece.subarray(0, KEPT_BYTES - this.#keptBytes)
      this.#kept.push(Buffer.from(kept))
      this.#keptBytes += kept.length
    }
    if (isSized) {
      this.#left -= piece.length
      if (this.#left === 0) this.#state = this.#state === 'chunk' ? 'chunk end' : 'done'
    }
    if (this.bodyBytes > MAX_BODY_BYTES) {
      this.cut = true
      this.#state = 'done'
    }
    return true
  }

  /** The next line without its end; undefined while that has not come. */
  #line(): string | undefined {
    const end = this.#unread.indexOf('\r\n')
    if (end < 0) return undefined
    const line = this.#unread.subarray(0, end).toString('latin1')
    this.#unread = this.#unread.subarray(end + 2)
    return line
  }

  /** A server of another protocol greets and then waits: no line end would ever come. */
  #mustLookLikeHttp() {
    const start = this.#unread.subarray(0, 7).toString('latin1')
    if (!'HTTP/1.'.startsWith(start)) {
      throw fail('not_http', `it began with ${shown(this.#unread.toString('latin1'))}`)
    }
    if (this.#unread.length > MAX_LINE_BYTES) throw fail('not_http', 'its status line does not end')
  }
}

const fail = (code: FailureCode, detail: string) => new ProbeError(code, detail, 0)

/** Foreign bytes, safe to print. */
function shown(text: string) {
  const start = printable(text.slice(0, 40))
  return `"${start}${text.length > 40 ? '…' : ''}"`
}
