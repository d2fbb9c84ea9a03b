import { expect, test } from 'bun:test'
import { Glob } from 'bun'
import { ACTIONS } from '../src/admin/audit/actions.ts'
import { admin as english } from '../src/i18n/en/admin.ts'

const root = `${import.meta.dir}/../../src`

const ACTION = /'([a-z]+\.[a-z_]+)'/g

/** What stands between the parentheses that open at `from`. */
function argumentsAt(source: string, from: number) {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    if (source[at] === '(') depth++
    if (source[at] === ')' && --depth === 0) return source.slice(from, at)
  }
  return source.slice(from)
}

test('the audit trail knows every action that the server records, in words', async () => {
  const recorded = new Set<string>()
  for await (const file of new Glob('**/*.ts').scan(root)) {
    const source = await Bun.file(`${root}/${file}`).text()
    if (file.endsWith('.test.ts') || !source.includes('recordAction')) continue
    const calls = [...source.matchAll(/\brecord(?:Actions?)?(?=\()/g)]
    // Or made beforehand: `const action = { action: 'usage.export', … }`.
    const named = source.match(/\baction: .*/g) ?? []
    for (const words of [
      ...calls.map(({ index }) => argumentsAt(source, source.indexOf('(', index))),
      ...named,
    ]) {
      for (const [, action] of words.matchAll(ACTION)) recorded.add(action as string)
    }
  }
  expect([...ACTIONS].sort() as string[]).toEqual([...recorded].sort())
  expect(Object.keys(english.actions).sort()).toEqual(
    [...recorded].map((one) => one.replace('.', '_')).sort(),
  )
})
