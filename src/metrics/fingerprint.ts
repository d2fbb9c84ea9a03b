const LONGEST = 80
const MOST_COLUMNS = 3

/**
 * A name for a statement that was given none, the same for all its spellings and after each restart:
 * `select_users_by_email_4k2p9` is what it does, to which table, what it asks for, and a hash of the rest.
 */
export function fingerprint(sql: string): string {
  const text = normalised(sql)
  const verb = /^\w+/.exec(text)?.[0] ?? 'statement'
  const table = (verb === 'update' ? /^update (\w+)/ : /\b(?:from|into) (\w+)/).exec(text)?.[1]
  const asked = /\bwhere\b(.*)/.exec(text)?.[1] ?? ''
  const columns = new Set<string>()
  for (const [, column] of asked.matchAll(/(\w+) (?:[<>=]|in\b|like\b|is\b)/g)) {
    if (column && columns.size < MOST_COLUMNS) columns.add(column)
  }
  const words = [verb, table, ...(columns.size > 0 ? ['by', ...columns] : [])].filter(Boolean)
  return `${words.join('_').slice(0, LONGEST)}_${Bun.hash(text).toString(36).slice(-5)}`
}

/** Without quotes, values, the length of lists, and what only lays it out; lower case. */
function normalised(sql: string): string {
  return sql
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/["`]/g, '')
    .replace(/\$\d+|\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\s+/g, ' ')
    .replace(/\?(?:, ?\?)+/g, '?')
    .replace(/\(\?\)(?:, ?\(\?\))+/g, '(?)')
    .trim()
    .toLowerCase()
}
