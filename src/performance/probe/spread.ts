/** Milliseconds over several rounds. */
export interface Spread {
  median: number
  min: number
  max: number
}

/** Rounded to hundredths; null of nothing. */
export function spread(samples: readonly number[]): Spread | null {
  if (samples.length === 0) return null
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (index: number) => sorted[index] ?? 0
  return {
    median: hundredths((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2),
    min: hundredths(at(0)),
    max: hundredths(at(sorted.length - 1)),
  }
}

export const hundredths = (ms: number) => Math.round(ms * 100) / 100
