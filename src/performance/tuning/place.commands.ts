import { dirname, join } from 'node:path'
import { sqliteFile } from '../../app.ts'
import { CommandError, EXIT } from '../../cli/exit.ts'
import { readConfig } from '../../config.ts'
import { isServed } from '../../storage/instance-lock.ts'
import type { Place } from './tuning.ts'

/**
 * The database that `serve` would use, or the one that is named: a file, or `postgres://…`.
 *
 * @throws CommandError for an address that is none.
 */
export function placeOf(database: string | undefined): Place {
  if (database === undefined) {
    const config = readConfig()
    return config.databaseUrl
      ? { dialect: 'postgres', url: config.databaseUrl }
      : { dialect: 'sqlite', file: sqliteFile(config) }
  }
  if (!/^\w+:\/\//.test(database)) return { dialect: 'sqlite', file: database }
  if (/^postgres(ql)?:\/\//.test(database) && URL.canParse(database))
    return { dialect: 'postgres', url: database }
  throw new CommandError('--database takes a file or postgres://user:password@host/name', EXIT.usage)
}

/** A Zimmer serves from the folder of that file at this moment. */
export const isBeingServed = (place: Place) =>
  place.dialect === 'sqlite' && isServed(join(dirname(place.file), 'serve.lock'))

const TICK_MS = 1_000
/** Where no line can be overwritten, fewer of them. */
const LINE_EVERY = 5

/** Says on stderr every second what it is about and for how long; nothing within the first. */
export function ticker(what: string, stream: NodeJS.WriteStream = process.stderr) {
  let doing = what
  let startedAt = performance.now()
  let ticks = 0
  const timer = setInterval(() => {
    ticks++
    if (!stream.isTTY && ticks % LINE_EVERY !== 1) return
    const text = `${doing}: ${Math.round((performance.now() - startedAt) / 1_000)} s`
    stream.write(stream.isTTY ? `\r${text}\u001b[K` : `${text}\n`)
  }, TICK_MS)
  return {
    now: (next: string) => {
      if (next !== doing) startedAt = performance.now()
      doing = next
    },
    end: () => {
      clearInterval(timer)
      if (ticks > 0 && stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}
