import { Connection, type Exchange, type Request, type Target } from './connection.ts'
import { ProbeError } from './failure.ts'
import type { SignInProbe } from './report.ts'
import { hundredths } from './spread.ts'
import type { Wires } from './wires.ts'

/** Whether it is what a Zimmer says on GET /health, well or not. */
export function isZimmerHealth({ status, body }: Exchange): boolean {
  if (status !== 200 && status !== 503) return false
  const seen = jsonOf(body)
  return typeof seen?.uptime_s === 'number' && typeof seen?.checks === 'object'
}

/** A session of the probe's own: begun, used, ended. */
export class SignIn {
  token: string | null = null

  constructor(
    private readonly wires: Wires,
    private readonly target: Target,
  ) {}

  async begin(account: { email: string; password: string }): Promise<SignInProbe> {
    const body = JSON.stringify(account)
    try {
      const answer = await this.#ask({ method: 'POST', path: '/api/auth/login', body })
      const seen = jsonOf(answer.body)
      if (answer.status === 200 && typeof seen?.access_token === 'string') this.token = seen.access_token
      return { status: answer.status, wait: hundredths(answer.waitMs), is_signed_in: this.token !== null }
    } catch (error) {
      if (error instanceof ProbeError)
        return { status: 0, wait: hundredths(error.afterMs), is_signed_in: false }
      throw error
    }
  }

  async end() {
    if (this.token === null) return
    const headers = { authorization: `Bearer ${this.token}` }
    // If it fails, the session ends by itself.
    await this.#ask({ method: 'POST', path: '/api/auth/logout', body: '', headers }).catch(() => null)
  }

  async #ask(request: Request) {
    const connection = await Connection.open(this.wires, this.target)
    try {
      return await connection.request(request)
    } finally {
      connection.close()
    }
  }
}

function jsonOf(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
