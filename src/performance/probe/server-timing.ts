/** What a server says about its own time in the Server-Timing header; whole and fractional milliseconds. */
export interface ServerTiming {
  /** From the start of the request's handling to its answer; a Zimmer's is without `queueMs`. */
  totalMs: number
  /** Of all statements together. */
  dbMs: number
  /** How late the event loop was when the request came. */
  queueMs: number
}

const METRIC = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})((?:;(?:"(?:[^"\\]|\\.)*"|[^;"])*)*)$/
const DURATION = /;[ \t]*dur[ \t]*=[ \t]*"?(\d{1,9}(?:\.\d{1,9})?)"?/i
const DATABASE = /^(db|sql|database|query)\b/i
const MOST_METRICS = 100

/**
 * Reads a Server-Timing header. Without a metric named `total` the longest one counts as that: servers list parts,
 * and parts may lie within one another.
 *
 * @returns null without any duration.
 */
export function readServerTiming(header: string | undefined): ServerTiming | null {
  if (!header) return null
  const durations: [string, number][] = []
  for (const part of header
    .slice(0, 4_096)
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .slice(0, MOST_METRICS)) {
    const [, name, parameters] = METRIC.exec(part.trim()) ?? []
    const ms = DURATION.exec(parameters ?? '')?.[1]
    if (name !== undefined && ms !== undefined) durations.push([name.toLowerCase(), Number(ms)])
  }
  if (durations.length === 0) return null
  const sum = (matches: (name: string) => boolean) =>
    durations.reduce((ms, [name, took]) => (matches(name) ? ms + took : ms), 0)
  const total = durations.find(([name]) => name === 'total')?.[1]
  // Beside its sum, a Zimmer lists single statements.
  const isDatabase = durations.some(([name]) => name === 'db') ? /^db$/ : DATABASE
  return {
    totalMs: total ?? Math.max(...durations.map(([, ms]) => ms)),
    dbMs: sum((name) => isDatabase.test(name)),
    queueMs: sum((name) => name === 'queue'),
  }
}
