import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const INPUTS = ['web/src', 'scripts/web.ts', 'scripts/web-css.ts', 'package-lock.json']

/** What the built app depends on, as one hash: of contents, as a fresh checkout has fresh times. */
export function sourceHash(root: string): string {
  const hash = createHash('sha256')
  for (const input of INPUTS) {
    for (const file of filesOf(root, input)) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(root: string, input: string): string[] {
  if (/\.\w+$/.test(input)) return [input]
  return readdirSync(join(root, input), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}
