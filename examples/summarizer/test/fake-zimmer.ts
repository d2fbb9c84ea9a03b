/** What Zimmer does next with a consume. `count` such answers, then it behaves again. */
type Trouble = {
  count: number
  status: number
  headers?: Record<string, string>
  /** It takes the tokens all the same: the answer got lost on the way. */
  counted?: boolean
  hanging?: boolean
}

type Call = { key: string; token: string; body: Record<string, unknown> }

/** A small Zimmer over real HTTP: one service token, balances, idempotent consuming as API.md has it. */
export class FakeZimmer implements AsyncDisposable {
  readonly token = 'zst_fake_token_of_the_tests'
  readonly calls: Call[] = []
  readonly balances = new Map<number, { demo: number; paid: number }>()
  trouble: Trouble | undefined
  private readonly answers = new Map<string, { body: string; reply: unknown }>()
  private readonly server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => this.handle(request),
  })

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`
  }

  get keys(): string[] {
    return this.calls.map((call) => call.key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(true)
  }

  private async handle(request: Request): Promise<Response> {
    if (request.method !== 'POST' || new URL(request.url).pathname !== '/api/automation-usage/consume') {
      return new Response('no such route', { status: 404 })
    }
    const text = await request.text()
    const key = request.headers.get('idempotency-key') ?? ''
    const token = request.headers.get('x-zimmer-service-token') ?? ''
    this.calls.push({ key, token, body: JSON.parse(text) })

    const trouble = this.trouble
    if (!trouble || trouble.count === 0) return this.consume(token, key, text)
    trouble.count--
    if (trouble.counted) this.consume(token, key, text)
    if (trouble.hanging) await new Promise(() => {})
    return new Response('trouble', { status: trouble.status, headers: trouble.headers })
  }

  private consume(token: string, key: string, text: string): Response {
    if (token !== this.token) return Response.json({ code: 'wrong_token' }, { status: 401 })
    const earlier = this.answers.get(key)
    if (earlier) {
      const same = earlier.body === text
      return same ? Response.json(earlier.reply) : Response.json({ code: 'key_reused' }, { status: 409 })
    }
    const { user_automation_id: id, units } = JSON.parse(text)
    const left = this.balances.get(id)
    if (!left) return Response.json({ code: 'not_found' }, { status: 404 })
    const accepted = left.demo + left.paid >= units
    if (accepted) {
      const fromDemo = Math.min(left.demo, units)
      left.demo -= fromDemo
      left.paid -= units - fromDemo
    }
    const reply = {
      accepted,
      remaining_demo_tokens: left.demo,
      remaining_paid_tokens: left.paid,
      message: accepted ? 'ok' : 'Not enough tokens',
      usage_id: accepted ? this.answers.size + 1 : null,
    }
    if (accepted) this.answers.set(key, { body: text, reply })
    return Response.json(reply)
  }
}
