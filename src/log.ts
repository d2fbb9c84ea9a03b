import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config.ts'

/** Never in a log, whatever object they're in. */
const SECRETS = ['password', 'token', 'secret', 'authorization', 'cookie', 'access_token', 'refresh_token']
const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** JSON lines on stderr; readable ones when a person looks at it. */
export function openLog(level: LogLevel): Logger {
  const options = { level, redact: { paths, censor: '••••' }, base: undefined }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }))
  return pino(options, pretty({ destination: 2, sync: true, colorize: true, ignore: 'pid,hostname' }))
}

export type { Logger }
