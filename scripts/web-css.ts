/** The app's one style sheet: Tailwind's compiler, which is JavaScript, told by us which words it may be about. */
import { Glob } from 'bun'
import { compile } from 'tailwindcss'

const root = `${import.meta.dir}/..`

/** @param fonts the address of each font by the name that the style sheet calls it. */
export async function styleSheet(fonts: ReadonlyMap<string, string>): Promise<string> {
  const source = await Bun.file(`${root}/web/src/style.css`).text()
  const { build } = await compile(source, {
    base: `${root}/web/src`,
    loadStylesheet: async (id) => {
      const path = `${root}/node_modules/${id === 'tailwindcss' ? 'tailwindcss/index.css' : id}`
      return { path, base: root, content: await Bun.file(path).text() }
    },
  })
  let css = build([...(await words())])
  for (const [name, address] of fonts) css = css.replaceAll(`url('${name}')`, `url('${address}')`)
  return css
}

/** Everything in the sources that could be a class; Tailwind ignores what is none. */
async function words(): Promise<Set<string>> {
  const found = new Set<string>()
  for await (const file of new Glob('web/src/**/*.{ts,tsx}').scan({ cwd: root })) {
    if (file.includes('/i18n/') || file.includes('/api/schema')) continue
    const text = await Bun.file(`${root}/${file}`).text()
    for (const word of text.match(/[^\s"'`{}<>;]+/g) ?? []) found.add(word)
  }
  return found
}
