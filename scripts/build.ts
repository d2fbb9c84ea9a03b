/**
 * npm run build: the whole of Zimmer as one executable file, dist/zimmer. Bun, every package, argon2's native addon
 * and the worker threads are inside; it needs no node_modules and no folder of its own.
 *
 * A worker thread is a file `*.worker.ts`. Bundled, it keeps its place below src/, but its caller moves to the
 * root: so a worker is started as
 *     new Worker(Bun.isStandaloneExecutable ? './ROOM/NAME.worker.ts' : new URL('./NAME.worker.ts', import.meta.url))
 */
import { rmSync, statSync } from 'node:fs'
import { type BunPlugin, Glob } from 'bun'

const root = `${import.meta.dir}/..`
const executable = `${root}/dist/zimmer`
const workers = [...new Glob('src/**/*.worker.ts').scanSync({ cwd: root })]

/** Puts the list of the built app's files, and with it the files, in place of the empty one. */
const embedWebApp: BunPlugin = {
  name: 'web app',
  setup: (build) => {
    build.onLoad({ filter: /src\/web\/embedded\.ts$/ }, () => {
      const files = [...new Glob('*').scanSync({ cwd: `${root}/web/dist` })]
      const imports = files.map(
        (file, index) =>
          `import f${index} from ${JSON.stringify(`${root}/web/dist/${file}`)} with { type: 'file' }`,
      )
      const entries = files.map((file, index) => `${JSON.stringify(file)}: f${index}`)
      return {
        loader: 'ts',
        contents: `${imports.join('\n')}\nexport const embedded = { ${entries.join(', ')} }`,
      }
    })
  },
}

const startedAt = performance.now()
const web = Bun.spawnSync([process.execPath, `${root}/scripts/web.ts`], {
  stdout: 'inherit',
  stderr: 'inherit',
})
if (!web.success) process.exit(1)
await Bun.build({
  entrypoints: [`${root}/src/main.ts`, ...workers.map((file) => `${root}/${file}`)],
  root: `${root}/src`,
  target: 'bun',
  plugins: [embedWebApp],
  // Names and source maps stay, so that a stack trace in somebody's log can be read: 1 % of the size.
  minify: { whitespace: true, syntax: true },
  sourcemap: 'inline',
  compile: { outfile: executable },
})
// They are inside as well.
for (const map of new Glob('**/*.map').scanSync({ cwd: `${root}/dist` })) rmSync(`${root}/dist/${map}`)
const megabytes = Math.round(statSync(executable).size / 1e6)
console.log(
  `dist/zimmer: ${megabytes} MB, ${workers.length} workers, ${Math.round(performance.now() - startedAt)} ms`,
)
