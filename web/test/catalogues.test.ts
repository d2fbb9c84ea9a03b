import { describe, expect, test } from 'bun:test'
import { Glob } from 'bun'

const root = `${import.meta.dir}/../src/i18n`
const areas = [...new Glob('*.ts').scanSync({ cwd: `${root}/en` })].map((file) => file.replace('.ts', ''))

type Texts = { [key: string]: string | Texts }

async function textsOf(language: string, area: string): Promise<Map<string, string>> {
  const module = (await import(`${root}/${language}/${area}.ts`)) as Record<string, Texts>
  const found = new Map<string, string>()
  const walk = (texts: Texts, path: string) => {
    for (const [key, value] of Object.entries(texts)) {
      if (typeof value === 'string') found.set(`${path}${key}`, value)
      else walk(value, `${path}${key}.`)
    }
  }
  walk(module[area] as Texts, '')
  return found
}

/** What a text is filled with: its names and its tags. */
const holesOf = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}|<\/?(\w+)\s*\/?>/g)]
    .map(([, name, tag]) => name ?? `<${tag}>`)
    .sort()

/** Names and codes stay Latin: percentiles, and the status of HTTP. */
const CODE = /\bp9[59]\b|کد 200/g

test('there is a Persian file for each English one', () => {
  expect([...new Glob('*.ts').scanSync({ cwd: `${root}/fa` })].sort()).toEqual(
    areas.map((a) => `${a}.ts`).sort(),
  )
})

describe.each(areas)('the texts of %s', (area) => {
  test('are the same ones in both languages, filled with the same things', async () => {
    const [english, persian] = await Promise.all([textsOf('en', area), textsOf('fa', area)])
    expect([...persian.keys()]).toEqual([...english.keys()])
    for (const [key, text] of english) {
      expect([key, holesOf(persian.get(key) as string)]).toEqual([key, holesOf(text)])
    }
  })

  test('say something in each', async () => {
    for (const language of ['en', 'fa']) {
      for (const [key, text] of await textsOf(language, area))
        expect([key, text.trim()]).not.toEqual([key, ''])
    }
  })

  test('are Persian in Persian: its own letters, no Arabic ye and kaf, no Latin digits', async () => {
    for (const [key, text] of await textsOf('fa', area)) {
      const bare = text.replaceAll(/\{\{[^}]*\}\}|<[^>]*>/g, '').replaceAll(CODE, '')
      expect([key, bare]).not.toEqual([key, expect.stringMatching(/[يك٠-٩0-9]/)])
    }
  })
})

/** Keys that are put together where they are used, other than by a template that begins with them. */
const MADE = [
  // Refusals and findings of the server, by their code.
  /^codes\./,
  /^auth\.point\dText$/,
  /^serviceTokens\.overlaps\./,
  /^(plan|lines|cache)\./,
]

test('each text is used somewhere', async () => {
  const sources = []
  for await (const file of new Glob('**/*.{ts,tsx}').scan(`${root}/..`)) {
    if (!/^i18n\/(en|fa)\//.test(file)) sources.push(await Bun.file(`${root}/../${file}`).text())
  }
  const source = sources.join('\n')
  /** As a whole, or as a template: `role.${role}`, `users.filter.${name}_yes`. */
  const isUsed = (key: string) =>
    source.includes(`'${key}'`) ||
    [...key.matchAll(/[._]/g)].some(({ index }) => source.includes(`\`${key.slice(0, index + 1)}\${`))
  const unused: string[] = []
  for (const area of areas) {
    for (const key of (await textsOf('en', area)).keys()) {
      const bare = key.replace(/_(one|other)$/, '')
      if (!isUsed(bare) && !isUsed(key) && !MADE.some((made) => made.test(bare)))
        unused.push(`${area}: ${key}`)
    }
  }
  expect(unused).toEqual([])
})
