import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import { randomToken } from './lib/secret.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Config {
  host: string
  /** 0 = any free port. */
  port: number
  dataDir: string
  /** `postgres://…`, or null for SQLite in the data folder. */
  databaseUrl: string | null
  /** The secret that signs access tokens, 32 characters at least. */
  jwtSecret: string
  /** How the outside reaches this server, without a trailing slash. */
  publicUrl: string | null
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  trustedProxies: string[]
  corsOrigins: string[]
  allowPrivateUrls: boolean
  metricsToken: string | null
  logLevel: LogLevel
  rateLimits: boolean
  /** A statement or request that takes longer is logged; 0 = none is. */
  slowMs: number
  /** A port of its own for /metrics, on loopback. */
  metricsPort: number | null
  /** Of the command line alone: everybody sees where the time of a request went. */
  dev: boolean
}

/** All mistakes of a configuration, at once. */
export class ConfigError extends Error {
  constructor(readonly mistakes: string[]) {
    super(`The configuration is wrong:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

type Environment = Record<string, string | undefined>

const KNOWN = [
  'HOST',
  'PORT',
  'DATA_DIR',
  'DATABASE_URL',
  'JWT_SECRET',
  'PUBLIC_URL',
  'TRUSTED_PROXIES',
  'CORS_ORIGINS',
  'ALLOW_PRIVATE_URLS',
  'METRICS_TOKEN',
  'LOG_LEVEL',
  'RATE_LIMITS',
  'SLOW_MS',
  'METRICS_PORT',
]
const SECRETS = ['DATABASE_URL', 'JWT_SECRET', 'METRICS_TOKEN']
/** Read by the launcher and by the tests, not by the server. */
const NOT_OURS = ['ZIMMER_BUN']

/**
 * Reads every ZIMMER_* variable; `overrides` are what the command line says, and win.
 * @throws ConfigError with every mistake found.
 */
export function readConfig(env: Environment = process.env, overrides: Partial<Config> = {}): Config {
  const mistakes = unknownNames(env)
  const read = (name: string) => readVariable(env, name, mistakes)
  const host = overrides.host ?? read('HOST') ?? '127.0.0.1'
  const dataDir = resolve(overrides.dataDir ?? read('DATA_DIR') ?? './data')
  const config: Config = {
    host,
    port: overrides.port ?? whole(read('PORT') ?? '8000', 0, 65_535, 'ZIMMER_PORT', mistakes),
    dataDir,
    databaseUrl: databaseUrl(read('DATABASE_URL'), mistakes),
    jwtSecret: read('JWT_SECRET') ?? '',
    publicUrl: webUrl(read('PUBLIC_URL'), mistakes),
    trustedProxies: list(read('TRUSTED_PROXIES')).filter((range) => isRange(range, mistakes)),
    corsOrigins: list(read('CORS_ORIGINS')).filter((origin) => isOrigin(origin, mistakes)),
    allowPrivateUrls: flag(read('ALLOW_PRIVATE_URLS') ?? '0', 'ZIMMER_ALLOW_PRIVATE_URLS', mistakes),
    metricsToken: read('METRICS_TOKEN') ?? null,
    logLevel: oneOf(read('LOG_LEVEL') ?? 'info', LOG_LEVELS, 'ZIMMER_LOG_LEVEL', mistakes),
    rateLimits: flag(read('RATE_LIMITS') ?? 'on', 'ZIMMER_RATE_LIMITS', mistakes),
    slowMs: whole(read('SLOW_MS') ?? '100', 0, 600_000, 'ZIMMER_SLOW_MS', mistakes),
    metricsPort: port(read('METRICS_PORT'), 'ZIMMER_METRICS_PORT', mistakes),
    dev: false,
    ...definedOnly(overrides),
  }
  if (config.jwtSecret && config.jwtSecret.length < 32) {
    mistakes.push('ZIMMER_JWT_SECRET must have 32 characters at least')
  }
  if (!config.rateLimits && !isLoopback(config.host)) {
    mistakes.push('ZIMMER_RATE_LIMITS=off is only for benchmarks: it needs ZIMMER_HOST on loopback')
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return config
}

/** Makes the data folder and, unless the environment gave one, the secret that signs access tokens. */
export function prepareDataDir(config: Config): Config {
  try {
    // Whatever is made in it is for this user alone: SQLite's files, the journal, the secret.
    process.umask(0o077)
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
    if (config.jwtSecret) return config
    const file = join(config.dataDir, 'jwt-secret')
    if (!existsSync(file)) makeSecret(file)
    const jwtSecret = readFileSync(file, 'utf8').trim()
    if (jwtSecret.length < 32) throw new ConfigError([`${file} must hold 32 characters at least`])
    return { ...config, jwtSecret }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`ZIMMER_DATA_DIR ${config.dataDir} can't be used: ${(error as Error).message}`])
  }
}

function makeSecret(file: string) {
  try {
    writeFileSync(file, `${randomToken()}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // An empty file that a full disk left behind would be refused at every later start.
    if ((error as { code?: string }).code !== 'EEXIST') rmSync(file, { force: true })
    throw error
  }
}

export function isLoopback(host: string) {
  if (host === 'localhost') return true
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'
}

function readVariable(env: Environment, name: string, mistakes: string[]) {
  const direct = env[`ZIMMER_${name}`]?.trim() || undefined
  const file = env[`ZIMMER_${name}_FILE`]
  if (!file || !SECRETS.includes(name)) return direct
  if (direct) mistakes.push(`set ZIMMER_${name} or ZIMMER_${name}_FILE, not both`)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    mistakes.push(`ZIMMER_${name}_FILE can't be read: ${(error as Error).message}`)
    return undefined
  }
}

function unknownNames(env: Environment) {
  const known = new Set(NOT_OURS)
  for (const name of KNOWN) known.add(`ZIMMER_${name}`)
  for (const name of SECRETS) known.add(`ZIMMER_${name}_FILE`)
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('ZIMMER_') && !name.startsWith('ZIMMER_TEST_') && !known.has(name),
  )
  const mistakes = unknown.map((name) => {
    const near = nearest(name, [...known])
    return `${name} is not a setting${near ? `; did you mean ${near}?` : ''}`
  })
  // Once, however many are wrong.
  return mistakes.length > 0 ? [...mistakes, `the settings are ${[...known].join(', ')}`] : []
}

/** Of several names the one that takes the fewest changes of a letter, if they are few enough to be a slip. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const slips = names.map((other) => ({ other, distance: distanceOf(name, other) }))
  const best = slips.sort((a, b) => a.distance - b.distance)[0]
  return best && best.distance <= 3 ? best.other : undefined
}

/** Levenshtein's: letters put in, taken out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function definedOnly<T extends object>(overrides: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  ) as Partial<T>
}

const list = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function whole(text: string, min: number, max: number, name: string, mistakes: string[]) {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  mistakes.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
  return min
}

function port(text: string | undefined, name: string, mistakes: string[]) {
  return text === undefined ? null : whole(text, 0, 65_535, name, mistakes)
}

function flag(text: string, name: string, mistakes: string[]) {
  if (['1', 'on', 'true', 'yes'].includes(text)) return true
  if (['0', 'off', 'false', 'no'].includes(text)) return false
  mistakes.push(`${name} must be on or off (or 1 or 0), not "${text}"`)
  return false
}

function oneOf<T extends string>(text: string, values: readonly T[], name: string, mistakes: string[]): T {
  const found = values.find((value) => value === text)
  if (found) return found
  mistakes.push(`${name} must be one of ${values.join(', ')}, not "${text}"`)
  return values[0] as T
}

function databaseUrl(text: string | undefined, mistakes: string[]) {
  if (!text) return null
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  mistakes.push(
    'ZIMMER_DATABASE_URL must be empty (SQLite in the data folder) or postgres://user:password@host/name',
  )
  return null
}

function webUrl(text: string | undefined, mistakes: string[]) {
  if (!text) return null
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '')
  mistakes.push(`ZIMMER_PUBLIC_URL must be an http:// or https:// address, not "${text}"`)
  return null
}

function isRange(text: string, mistakes: string[]) {
  const fine = text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text)
  if (!fine) mistakes.push(`ZIMMER_TRUSTED_PROXIES: "${text}" is no address and no CIDR range`)
  return fine
}

function isOrigin(text: string, mistakes: string[]) {
  const fine = /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
  if (!fine) mistakes.push(`ZIMMER_CORS_ORIGINS: "${text}" is no origin such as https://app.example.com`)
  return fine
}
