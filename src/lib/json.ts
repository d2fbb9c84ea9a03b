/**
 * JSON with sorted keys: equal contents make equal text.
 * @returns null when it nests deeper than `depth`.
 */
export function canonicalJson(value: unknown, depth: number): string | null {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (depth === 0) return null
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = canonicalJson(item, depth - 1)
      if (text === null) return null
      parts.push(text)
    }
    return `[${parts.join(',')}]`
  }
  for (const [name, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = canonicalJson(item, depth - 1)
    if (text === null) return null
    parts.push(`${JSON.stringify(name)}:${text}`)
  }
  return `{${parts.join(',')}}`
}
