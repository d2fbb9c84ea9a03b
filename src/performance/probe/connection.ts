import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { connectFailure, inTime, ProbeError, printable } from './failure.ts'
import { ResponseReader } from './response.ts'
import { readServerTiming, type ServerTiming } from './server-timing.ts'
import type { Wires } from './wires.ts'

export interface Target {
  url: URL
  /** The address to connect to; the name goes into the Host header and the TLS handshake. */
  address: string
  /** For each phase: connecting, TLS, the first byte, the rest. */
  timeoutMs: number
}

export interface Certificate {
  subject: string
  issuer: string
  names: string
  validFromMs: number
  validToMs: number
  /** Why clients refuse it, as OpenSSL names it; null when they don't. */
  problem: string | null
}

export interface Handshake {
  ms: number
  protocol: string
  cipher: string
  certificate: Certificate
}

export interface Request {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
}

/** One request and its answer. */
export interface Exchange {
  status: number
  headers: ReadonlyMap<string, string>
  /** From the request's last byte given to the system to the answer's first byte. */
  waitMs: number
  /** From the first byte to the last. */
  transferMs: number
  /** Of the body, as it crossed the wire. */
  bodyBytes: number
  body: Buffer
  timing: ServerTiming | null
  /** Whether the connection can carry another request. */
  isKept: boolean
}

/** One connection to one address. Its requests go one after the other. */
export class Connection {
  private constructor(
    private readonly target: Target,
    private readonly socket: Socket,
    readonly connectMs: number,
    readonly handshake: Handshake | null,
  ) {}

  /** @throws ProbeError */
  static async open(wires: Wires, target: Target): Promise<Connection> {
    const { socket, ms } = await dial(wires, target)
    if (target.url.protocol === 'http:') return new Connection(target, socket, ms, null)
    try {
      const { secured, handshake } = await secure(wires, target, socket)
      return new Connection(target, secured, ms, handshake)
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  /** @throws ProbeError; the connection is of no use after that. */
  async request(request: Request): Promise<Exchange> {
    const reader = new ResponseReader()
    const startedAt = performance.now()
    const answer = new Answer(this.socket, reader)
    try {
      this.socket.write(requestText(this.target.url, request))
      await inTime(this.target.timeoutMs, 'silent', () => answer.begun.promise)
      const begunAt = answer.begunAt
      await inTime(this.target.timeoutMs, 'stalled', () => answer.ended.promise)
      return {
        status: reader.status,
        headers: reader.headers,
        waitMs: begunAt - startedAt,
        transferMs: answer.endedAt - begunAt,
        bodyBytes: reader.bodyBytes,
        body: reader.body,
        timing: readServerTiming(reader.headers.get('server-timing')),
        isKept: reader.keepsAlive,
      }
    } catch (error) {
      const { code, detail } = connectFailure(error, 0)
      throw new ProbeError(code, detail, performance.now() - startedAt)
    } finally {
      answer.leave()
    }
  }

  close() {
    this.socket.destroy()
  }
}

/** Listens to a socket until the answer has ended. */
class Answer {
  readonly begun = Promise.withResolvers<void>()
  readonly ended = Promise.withResolvers<void>()
  begunAt = 0
  endedAt = 0

  constructor(
    private readonly socket: Socket,
    private readonly reader: ResponseReader,
  ) {
    // One of them may be rejected while nobody waits for it.
    this.begun.promise.catch(() => {})
    this.ended.promise.catch(() => {})
    socket.on('data', this.#data)
    socket.on('error', this.#fail)
    socket.on('close', this.#close)
    socket.on('end', this.#close)
  }

  leave() {
    this.socket.off('data', this.#data)
    this.socket.off('error', this.#fail)
    this.socket.off('close', this.#close)
    this.socket.off('end', this.#close)
  }

  #data = (bytes: Buffer) => {
    const now = performance.now()
    if (this.begunAt === 0) this.begunAt = now
    try {
      this.reader.push(bytes)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.begun.resolve()
    if (this.reader.done) this.#end(now)
  }

  #close = () => {
    try {
      this.reader.close()
      this.#end(performance.now())
    } catch (error) {
      this.#fail(error)
    }
  }

  #end(now: number) {
    if (this.endedAt === 0) this.endedAt = now
    this.begun.resolve()
    this.ended.resolve()
  }

  #fail = (error: unknown) => {
    this.begun.reject(error)
    this.ended.reject(error)
  }
}

/** Connects to the one address, without TLS. @throws ProbeError */
export async function dial(wires: Wires, { url, address, timeoutMs }: Target) {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const startedAt = performance.now()
  try {
    const socket = await inTime(timeoutMs, 'connect_timeout', (signal) => wires.dial(address, port, signal))
    return { socket, ms: performance.now() - startedAt }
  } catch (error) {
    throw connectFailure(error, performance.now() - startedAt)
  }
}

/**
 * Shakes hands, with any certificate: what is wrong with it is part of the result.
 *
 * @throws ProbeError not_tls, tls_failed, tls_timeout
 */
async function secure({ ca }: Wires, { url, timeoutMs }: Target, socket: Socket) {
  const startedAt = performance.now()
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secured = connectTls({
    socket,
    // An address is never sent as a server name, but the certificate has to name it all the same.
    ...(isIP(host) ? { host } : { servername: host }),
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...(ca ? { ca } : {}),
  })
  secured.on('error', () => {})
  try {
    await inTime(
      timeoutMs,
      'tls_timeout',
      () =>
        new Promise<void>((resolve, reject) => {
          secured.once('secureConnect', resolve)
          secured.once('error', reject)
          secured.once('close', () => reject(new Error('it closed the connection')))
        }),
    )
    return { secured, handshake: handshakeOf(secured, performance.now() - startedAt) }
  } catch (error) {
    secured.destroy()
    if (error instanceof ProbeError) throw error
    const { code = '', message } = error as { code?: string; message: string }
    const isPlain = /WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD/i.test(code + message)
    throw new ProbeError(isPlain ? 'not_tls' : 'tls_failed', code || message, performance.now() - startedAt)
  }
}

function handshakeOf(socket: TLSSocket, ms: number): Handshake {
  const { subject, issuer, subjectaltname, valid_from, valid_to } = socket.getPeerCertificate()
  const problem: unknown = socket.authorizationError
  return {
    ms,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.name ?? 'unknown',
    certificate: {
      subject: nameOf(subject),
      issuer: nameOf(issuer),
      names: printable(subjectaltname ?? ''),
      validFromMs: Date.parse(valid_from),
      validToMs: Date.parse(valid_to),
      problem: socket.authorized ? null : String((problem as { code?: string })?.code ?? problem),
    },
  }
}

const nameOf = (name: { CN?: string | string[]; O?: string | string[] } | undefined) =>
  printable([name?.CN ?? name?.O ?? ''].flat().join(', '))

function requestText(url: URL, { method, path, headers = {}, body }: Request) {
  const all: Record<string, string> = {
    host: url.host,
    'user-agent': 'zimmer-probe',
    accept: '*/*',
    'accept-encoding': 'gzip',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}
