/** Part of npm run check: what a customer's first visit downloads, against its budget; builds the app if it is stale. */
import type { Manifest } from '../src/web/bundle.ts'
import { sourceHash } from '../src/web/source.ts'

const SCRIPT_MOST = 180_000
const CSS_MOST = 12_000

const root = `${import.meta.dir}/..`
const read = async (): Promise<Manifest | null> => {
  const file = Bun.file(`${root}/web/dist/manifest.json`)
  return (await file.exists()) ? file.json() : null
}

let manifest = await read()
if (manifest?.source !== sourceHash(root)) {
  const build = Bun.spawnSync([process.execPath, `${root}/scripts/web.ts`], { stderr: 'inherit' })
  manifest = build.success ? await read() : null
}
if (!manifest) throw new Error('the web app could not be built')

const rows = [
  ...manifest.budget.map(({ page, scriptGzip }) => ({
    what: `script, ${page}`,
    bytes: scriptGzip,
    most: SCRIPT_MOST,
  })),
  { what: 'style sheet', bytes: manifest.cssGzip, most: CSS_MOST },
]
for (const { what, bytes, most } of rows) {
  const verdict = bytes <= most ? 'ok' : 'TOO LARGE'
  console.log(`${what}: ${(bytes / 1_000).toFixed(1)} of ${most / 1_000} KB gzip, ${verdict}`)
}
process.exitCode = rows.every(({ bytes, most }) => bytes <= most) ? 0 : 1
