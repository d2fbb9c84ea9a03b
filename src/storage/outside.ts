import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = 'outside-writes'
const LOOK_EVERY_MS = 100

const fileIn = (dataDir: string) => join(dataDir, FILE)

/** Tells a server that runs on this data folder that another process has written to its SQLite database. */
export function tellOutsideWrite(dataDir: string) {
  writeFileSync(fileIn(dataDir), `${process.pid} ${Date.now()}\n`)
}

/**
 * Hears of what other processes write, such as `zimmer admin create`, within 100 ms.
 *
 * @returns what ends it.
 */
export function watchOutsideWrites(dataDir: string, changed: () => void): () => void {
  let seen = changedAt(dataDir)
  const timer = setInterval(() => {
    const now = changedAt(dataDir)
    if (now === seen) return
    seen = now
    changed()
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

const changedAt = (dataDir: string) => statSync(fileIn(dataDir), { throwIfNoEntry: false })?.mtimeMs ?? 0
