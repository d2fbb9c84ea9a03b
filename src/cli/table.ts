export type Cell = string | number | null | undefined

/** Rows under their headings, as wide as they need; numbers stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map((cell) => String(cell ?? '')))
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => Bun.stringWidth(line[column] ?? ''))),
  )
  const numeric = headings.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  return lines
    .map((line) =>
      line
        .map((text, column) => {
          const space = ' '.repeat((widths[column] ?? 0) - Bun.stringWidth(text))
          return numeric[column] ? space + text : text + space
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values, one a line. */
export function facts(pairs: Record<string, Cell>): string {
  return table(
    ['', ''],
    Object.entries(pairs).map(([name, value]) => [`  ${name}`, String(value ?? '')]),
  ).slice(1)
}

/** 1,234,567 */
export const grouped = (value: number) => value.toLocaleString('en-US')

/** 1 subscription, 1,234 subscriptions */
export const counted = (value: number, one: string) => `${grouped(value)} ${one}${value === 1 ? '' : 's'}`

/** 1.2 MB; decimal units. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let size = value
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit++
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}
