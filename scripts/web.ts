/**
 * npm run web: builds the web app into web/dist: hashed files, compressed ahead, with a manifest.
 *
 *     bin/bun scripts/web.ts            once
 *     bin/bun scripts/web.ts --watch    again whenever a source changes, readable, for development
 */
import { mkdirSync, renameSync, rmSync, watch } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Manifest } from '../src/web/bundle.ts'
import { sourceHash } from '../src/web/source.ts'
import { styleSheet } from './web-css.ts'

const root = join(import.meta.dir, '..')
const web = join(root, 'web/src')
const dist = join(root, 'web/dist')
/** Ignored by git and by the tools. */
const workshop = join(root, `dist/web-${process.pid}`)
const isDevelopment = process.argv.includes('--watch')

const FONTS = {
  'inter-latin': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'vazirmatn-arabic': '@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2',
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

type Files = Map<string, Uint8Array>
type Chunk = {
  imports: { path: string; kind: string }[]
  inputs: Record<string, unknown>
  entryPoint?: string
}

const hashed = (name: string, bytes: Uint8Array) =>
  `${basename(name, extname(name))}-${Bun.hash(bytes).toString(36).slice(0, 8)}${extname(name)}`

function add(files: Files, name: string, content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const file = hashed(name, bytes)
  files.set(file, bytes)
  return file
}

const shared = {
  target: 'browser',
  minify: !isDevelopment,
  define: { 'process.env.NODE_ENV': JSON.stringify(isDevelopment ? 'development' : 'production') },
} as const

/**
 * A bundler that is left alone makes a chunk of its own for each set of parts that have modules in common: forty files,
 * most of them smaller than what it costs to fetch one. So a part is said to need all that is on the page before it.
 */
const layers: Bun.BunPlugin = {
  name: 'layers',
  setup: (build) => {
    build.onLoad({ filter: /web\/src\/.*\.tsx$/ }, async ({ path }) => {
      const before = BEFORE.find(([part]) => path.startsWith(join(web, part)))?.[1] ?? []
      const needs = before.map((source) => `import ${JSON.stringify(join(web, source))}\n`)
      return { contents: (await Bun.file(path).text()) + needs.join(''), loader: 'tsx' }
    })
  },
}
const BEFORE: [part: string, before: string[]][] = [
  ['shell/door.tsx', ['main.tsx']],
  ['panel/panel.tsx', ['main.tsx', 'shell/door.tsx']],
  ['ui/dialog.tsx', ['main.tsx']],
  ['shell/overlays.tsx', ['main.tsx']],
  ['admin/frame.tsx', ['main.tsx', 'panel/panel.tsx']],
  ['admin/', ['main.tsx', 'panel/panel.tsx']],
]

async function buildScripts(files: Files) {
  const result = await Bun.build({
    ...shared,
    entrypoints: [join(root, 'web/src/main.tsx')],
    splitting: true,
    plugins: [layers],
    metafile: true,
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]' },
  })
  for (const output of result.outputs) {
    files.set(basename(output.path), new Uint8Array(await output.arrayBuffer()))
  }
  const outputs = (result.metafile?.outputs ?? {}) as Record<string, Chunk>
  return new Map(Object.entries(outputs).map(([path, chunk]) => [basename(path), chunk]))
}

type Graph = Awaited<ReturnType<typeof buildScripts>>

/** The chunk that a source file became the head of. */
function chunkOf(graph: Graph, source: string): string {
  for (const [name, chunk] of graph) if (chunk.entryPoint?.endsWith(source)) return name
  throw new Error(`no chunk begins with ${source}`)
}

/** A chunk and all that it can't run without. */
function closure(graph: Graph, names: string[]): Set<string> {
  const found = new Set<string>()
  const visit = (name: string) => {
    if (found.has(name)) return
    found.add(name)
    for (const { path, kind } of graph.get(name)?.imports ?? []) {
      if (kind === 'import-statement') visit(basename(path))
    }
  }
  names.forEach(visit)
  return found
}

async function buildBoot(files: Files, preload: object) {
  const result = await Bun.build({
    ...shared,
    entrypoints: [join(root, 'web/src/boot.ts')],
    format: 'iife',
    define: { ...shared.define, PRELOAD: JSON.stringify(preload) },
  })
  return add(files, 'boot.js', (await result.outputs[0]?.text()) ?? '')
}

const LANGUAGES = ['en', 'fa'] as const
/** What a customer's page needs besides main.tsx; boot.ts has it fetched before main.tsx asks. */
const SECTIONS = {
  door: { pages: ['shell/door.tsx'], texts: ['common'] },
  panel: { pages: ['panel/panel.tsx'], texts: ['common', 'panel'] },
  admin: { pages: ['admin/frame.tsx'], texts: ['common', 'admin'] },
}

function preloads(graph: Graph, address: (name: string) => string) {
  const scripts = (sources: string[]) =>
    [
      ...closure(
        graph,
        sources.map((source) => chunkOf(graph, `web/src/${source}`)),
      ),
    ].map(address)
  return Object.fromEntries(
    Object.entries(SECTIONS).map(([section, { pages, texts }]) => [
      section,
      {
        scripts: scripts(pages),
        ...Object.fromEntries(
          LANGUAGES.map((lang) => [lang, scripts(texts.map((text) => `i18n/${lang}/${text}.ts`))]),
        ),
      },
    ]),
  )
}

/** What the first visit of each customer section downloads, in its larger language. */
function budgetOf(files: Files, graph: Graph, boot: string): Manifest['budget'] {
  const size = (name: string) => gzipSync(files.get(name) ?? '', { level: 9 }).length
  const { admin: _, ...customers } = SECTIONS
  return Object.entries(customers).flatMap(([section, { pages, texts }]) =>
    LANGUAGES.map((lang) => {
      const sources = ['main.tsx', ...pages, ...texts.map((text) => `i18n/${lang}/${text}.ts`)]
      const names = closure(
        graph,
        sources.map((source) => chunkOf(graph, `web/src/${source}`)),
      )
      const scriptGzip = [...names, boot].reduce((sum, name) => sum + size(name), 0)
      return { page: `${section}, ${lang}`, scriptGzip }
    }),
  )
}

function indexOf({
  boot,
  css,
  main,
  icon,
  font,
}: Record<'boot' | 'css' | 'icon' | 'font', string> & { main: string[] }) {
  const at = (name: string) => `/assets/${name}`
  const [entry = '', ...parts] = main
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Zimmer</title>
<link rel="icon" href="${at(icon)}" type="image/svg+xml">
<script src="${at(boot)}"></script>
<link rel="stylesheet" href="${at(css)}">
<link rel="preload" href="${at(font)}" as="font" type="font/woff2" crossorigin>
${parts.map((name) => `<link rel="modulepreload" href="${at(name)}">`).join('\n')}
<script type="module" src="${at(entry)}"></script>
</head>
<body><div id="app"></div><noscript>Zimmer needs JavaScript. Its API does not: <a href="/docs">/docs</a></noscript></body>
</html>
`
}

function write(files: Files, extra: Pick<Manifest, 'source' | 'budget'>, css: string) {
  const temporary = join(workshop, 'files')
  mkdirSync(temporary, { recursive: true })
  const manifest: Manifest = {
    ...extra,
    files: {},
    cssGzip: gzipSync(files.get(css) ?? '', { level: 9 }).length,
  }
  const writes: Promise<number>[] = []
  for (const [name, bytes] of files) {
    const compressed = extname(name) !== '.woff2'
    const quality = isDevelopment ? 1 : 11
    manifest.files[name] = {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      etag: Bun.hash(bytes).toString(36),
      compressed,
    }
    writes.push(Bun.write(join(temporary, name), bytes))
    if (!compressed) continue
    const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } })
    writes.push(Bun.write(join(temporary, `${name}.br`), br))
    writes.push(Bun.write(join(temporary, `${name}.gz`), gzipSync(bytes, { level: isDevelopment ? 1 : 9 })))
  }
  writes.push(Bun.write(join(temporary, 'manifest.json'), JSON.stringify(manifest, null, 1)))
  return Promise.all(writes).then(() => {
    rmSync(dist, { recursive: true, force: true })
    renameSync(temporary, dist)
    return manifest
  })
}

/** The files of the app; web/dist changes in one step, when all of them are there. */
async function buildWeb(): Promise<Manifest> {
  // What is made for development is stale for everybody else.
  const source = isDevelopment ? 'development' : sourceHash(root)
  const files: Files = new Map()
  const fonts = new Map<string, string>()
  for (const [name, file] of Object.entries(FONTS)) {
    const bytes = await Bun.file(join(root, 'node_modules', file)).bytes()
    fonts.set(name, add(files, `${name}.woff2`, bytes))
  }
  const address = (name: string) => `/assets/${name}`
  const addresses = new Map([...fonts].map(([name, file]) => [name, address(file)]))
  const graph = await buildScripts(files)
  const css = add(files, 'style.css', await minified(await styleSheet(addresses)))
  const icon = add(files, 'icon.svg', await Bun.file(join(root, 'web/src/icon.svg')).text())
  const preload = { sections: preloads(graph, address), persianFont: addresses.get('vazirmatn-arabic') }
  const boot = await buildBoot(files, preload)
  const main = [...closure(graph, [chunkOf(graph, 'web/src/main.tsx')])]
  const font = fonts.get('inter-latin') ?? ''
  files.set('index.html', new TextEncoder().encode(indexOf({ boot, css, main, icon, font })))
  return write(files, { source, budget: budgetOf(files, graph, boot) }, css)
}

async function minified(css: string) {
  if (isDevelopment) return css
  const file = join(workshop, 'style.css')
  await Bun.write(file, css)
  const result = await Bun.build({ entrypoints: [file], minify: true, external: ['*'] })
  return (await result.outputs[0]?.text()) ?? css
}

async function build() {
  const startedAt = performance.now()
  const { budget, cssGzip } = await buildWeb().finally(() =>
    rmSync(workshop, { recursive: true, force: true }),
  )
  const most = Math.max(...budget.map(({ scriptGzip }) => scriptGzip))
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`
  console.log(
    `web/dist in ${seconds} s; a customer first loads ${kilobytes(most)} of script, ${kilobytes(cssGzip)} of CSS`,
  )
}

await build()
if (isDevelopment) {
  let timer: Timer | undefined
  watch(join(root, 'web/src'), { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void build().catch(console.error), 80)
  })
}
