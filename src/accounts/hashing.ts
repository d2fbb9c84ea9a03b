import type { HashingReply, HashingRequest } from './password.worker.ts'

/** One of the threads that hash; it does one thing at a time. */
class Hasher {
  readonly #worker = new Worker(
    Bun.isStandaloneExecutable
      ? './accounts/password.worker.ts'
      : new URL('./password.worker.ts', import.meta.url),
  )

  constructor() {
    this.#worker.unref()
  }

  /** Keeps the process alive only while it is waited for. */
  async ask(request: HashingRequest): Promise<HashingReply> {
    const { promise, resolve, reject } = Promise.withResolvers<HashingReply>()
    this.#worker.onmessage = ({ data }: MessageEvent<HashingReply>) => resolve(data)
    this.#worker.onerror = ({ message }) => reject(new Error(`the thread that hashes failed: ${message}`))
    this.#worker.ref()
    this.#worker.postMessage(request)
    try {
      return await promise
    } finally {
      this.#worker.unref()
    }
  }
}

/** Made when somebody signs in: a start has no need of them. */
const idle: Hasher[] = []

/** In a thread of its own; as many at once as ask at once. One that failed is not asked again. */
async function inThread(request: HashingRequest): Promise<HashingReply> {
  const hasher = idle.pop() ?? new Hasher()
  const reply = await hasher.ask(request)
  idle.push(hasher)
  if ('error' in reply) throw new Error(reply.error)
  return reply
}

/** argon2id with a salt of its own. */
export async function hash(password: string): Promise<string> {
  return ((await inThread({ password })) as { hash: string }).hash
}

/** Whether the hash is that of the password. */
export async function verify(hash: string, password: string): Promise<boolean> {
  return ((await inThread({ password, hash })) as { same: boolean }).same
}
