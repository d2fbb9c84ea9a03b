import { readFileSync } from 'node:fs'

type Environment = Record<string, string | undefined>

export type Config = {
  host: string
  port: number
  /** Where customers reach this service; without it, where it listens. */
  publicUrl: string | undefined
  zimmerUrl: string
  serviceToken: string
  dataDir: string
}

export class ConfigError extends Error {
  constructor(readonly mistakes: string[]) {
    super(mistakes.join('\n'))
  }
}

/** @throws ConfigError with every mistake, not only the first. */
export function readConfig(env: Environment): Config {
  const mistakes: string[] = []
  const config = {
    host: env.SUMMARIZER_HOST || '127.0.0.1',
    port: readPort(env.SUMMARIZER_PORT || '8100', mistakes),
    publicUrl: env.SUMMARIZER_PUBLIC_URL
      ? readUrl('SUMMARIZER_PUBLIC_URL', env.SUMMARIZER_PUBLIC_URL, mistakes)
      : undefined,
    zimmerUrl: readUrl('ZIMMER_URL', env.ZIMMER_URL || 'http://127.0.0.1:8000', mistakes),
    serviceToken: readToken(env, mistakes),
    dataDir: env.SUMMARIZER_DATA_DIR || './data',
  }
  if (!config.publicUrl && (config.host === '0.0.0.0' || config.host === '::')) {
    mistakes.push(
      `SUMMARIZER_PUBLIC_URL is needed when SUMMARIZER_HOST is ${config.host}: nobody can call that`,
    )
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return config
}

function readPort(text: string, mistakes: string[]): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) mistakes.push(`SUMMARIZER_PORT must be a number from 0 to 65535, not "${text}"`)
  return port
}

function readUrl(name: string, text: string, mistakes: string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain =
    url && /^https?:$/.test(url.protocol) && !(url.username || url.password || url.search || url.hash)
  if (!plain)
    mistakes.push(`${name} must be like http://127.0.0.1:8000, without a user, a query or a fragment`)
  return text.replace(/\/+$/, '')
}

function readToken(env: Environment, mistakes: string[]): string {
  const path = env.ZIMMER_SERVICE_TOKEN_FILE
  if (path && env.ZIMMER_SERVICE_TOKEN) {
    mistakes.push('ZIMMER_SERVICE_TOKEN and ZIMMER_SERVICE_TOKEN_FILE are both set; set one')
    return ''
  }
  if (!path && !env.ZIMMER_SERVICE_TOKEN) {
    mistakes.push(
      'ZIMMER_SERVICE_TOKEN (or ZIMMER_SERVICE_TOKEN_FILE) is missing: the token that Zimmer generated',
    )
    return ''
  }
  try {
    const token = path ? readFileSync(path, 'utf8').trim() : (env.ZIMMER_SERVICE_TOKEN ?? '')
    if (!/^[\x21-\x7e]{16,1000}$/.test(token)) {
      mistakes.push(
        `${path ? path : 'ZIMMER_SERVICE_TOKEN'} isn't a service token: 16 or more ASCII characters`,
      )
    }
    return token
  } catch (error) {
    mistakes.push(`ZIMMER_SERVICE_TOKEN_FILE can't be read: ${(error as Error).message}`)
    return ''
  }
}
