/** npm run dev: a server that starts again, and an app that is built again, whenever a source changes. */
const root = `${import.meta.dir}/..`
const start = (...words: string[]) =>
  Bun.spawn([process.execPath, ...words], { cwd: process.cwd(), stdio: ['inherit', 'inherit', 'inherit'] })

const web = start(`${root}/scripts/web.ts`, '--watch')
const server = start('--watch', `${root}/src/main.ts`, 'serve', '--dev', ...process.argv.slice(2))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => server.kill(signal))
process.exitCode = await server.exited
web.kill()
