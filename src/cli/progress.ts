import { SECOND_MS } from '../lib/time.ts'

const REDRAW_MS = 100
/** Without a terminal each state is a line: a few are enough for a log. */
const LINE_MS = 5 * SECOND_MS

export interface Progress {
  /** How far it is; `total` may grow. */
  at(done: number, total: number): void
  /** Removes the line. */
  end(): void
}

/**
 * Shows on stderr how far something is, once it has taken a second: as one line that changes on a terminal, as
 * plain lines elsewhere.
 */
export function progress(what: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now()
  let shownAt = 0
  let shown = false
  return {
    at: (done, total) => {
      const now = performance.now()
      if (now - startedAt < SECOND_MS || now - shownAt < (stream.isTTY ? REDRAW_MS : LINE_MS)) return
      shownAt = now
      shown = true
      const percent = total > 0 ? Math.floor((100 * done) / total) : 0
      const text = `${what}: ${percent} % (${done} of ${total})`
      stream.write(stream.isTTY ? `\r${text}\u001b[K` : `${text}\n`)
    },
    end: () => {
      if (shown && stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}
