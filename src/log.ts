import pino, { type Logger } from 'pino'
import type { LogLevel } from './config.ts'

/** Never in a log, whatever object they're in. */
const SECRETS = ['password', 'token', 'secret', 'authorization', 'cookie', 'access_token', 'refresh_token']
const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** JSON lines on stderr; readable ones when a person looks at it. */
export function openLog(level: LogLevel): Logger {
  const options = { level, redact: { paths, censor: '••••' }, base: undefined }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }))
  // Loaded here, for most servers run without a terminal.
  const { build } = require('pino-pretty') as typeof import('pino-pretty')
  return pino(options, build({ destination: 2, sync: true, colorize: true, ignore: 'pid,hostname' }))
}

export type { Logger }
