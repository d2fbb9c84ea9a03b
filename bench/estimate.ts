import { grouped } from '../src/cli/table.ts'

const REDRAW_MS = 100
/** Without a terminal each state is a line. */
const LINE_MS = 5_000
const WIDTH = 24

/** On stderr: a bar, how many a second, and how long it will still take. */
export function estimate(what: string, stream: NodeJS.WriteStream = process.stderr) {
  let startedAt = 0
  let shownAt = 0
  return {
    at: (done: number, total: number) => {
      const now = performance.now()
      // From the first that is done: what comes before it is something else.
      if (startedAt === 0) startedAt = shownAt = now
      const isLast = done >= total
      if (now - startedAt < 1_000 || (!isLast && now - shownAt < (stream.isTTY ? REDRAW_MS : LINE_MS))) return
      shownAt = now
      const perSecond = done / ((now - startedAt) / 1_000)
      const left = (total - done) / perSecond
      const filled = Math.round((WIDTH * done) / total)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
      const text = `${what}: ${bar} ${grouped(done)} of ${grouped(total)}, ${grouped(Math.round(perSecond))}/s, ${duration(left)} left`
      stream.write(stream.isTTY ? `\r${text}\u001b[K${isLast ? '\n' : ''}` : `${text}\n`)
    },
  }
}

/** `8 s`, `3 min 20 s` */
export function duration(seconds: number) {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
