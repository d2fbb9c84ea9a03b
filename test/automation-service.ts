type Answer = (request: Request) => Response | Promise<Response>

interface Call {
  path: string
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  body: any
}

const HEALTHY = { status: 'ok', version: '1.0.0', uptime: 12 }

/** A real HTTP server that plays an automation service; `answers` says how, by path. */
export class AutomationService {
  readonly calls: Call[] = []
  readonly #server: Bun.Server<undefined>

  constructor(readonly answers: Record<string, Answer> = {}) {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      idleTimeout: 0,
      fetch: async (request) => {
        const { pathname } = new URL(request.url)
        const body = await request.text()
        this.calls.push({ path: pathname, headers: request.headers, body: body ? JSON.parse(body) : null })
        const answer = this.answers[pathname]
        if (answer) return answer(request)
        return pathname === '/health' ? Response.json(HEALTHY) : new Response('nothing here', { status: 404 })
      },
    })
  }

  url(path: string) {
    return `http://127.0.0.1:${this.#server.port}${path}`
  }

  count(path: string) {
    return this.calls.filter((call) => call.path === path).length
  }

  async [Symbol.asyncDispose]() {
    await this.#server.stop(true)
  }
}
