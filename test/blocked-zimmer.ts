import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testZimmer } from './zimmer.ts'

/** A real Zimmer whose event loop is blocked again and again, as a process of its own. */
export async function blockedZimmer({ blockedMs, freeMs }: { blockedMs: number; freeMs: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'zimmer-blocked-'))
  const child = Bun.spawn([process.execPath, import.meta.path, String(blockedMs), String(freeMs)], {
    env: { ...process.env, TMPDIR: folder },
    stdout: 'pipe',
  })
  const { value } = await child.stdout.getReader().read()
  const [url = '', email = ''] = new TextDecoder().decode(value).trim().split(' ')
  return {
    ...{ url, email, password: PASSWORD },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await child.exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const PASSWORD = 'correct horse battery staple'

async function run([blockedMs = 0, freeMs = 0]: number[]) {
  const zimmer = await testZimmer('sqlite')
  const { client } = await zimmer.user('manager')
  const email = 'maya@example.com'
  const made = { email, name: 'Maya', password: PASSWORD, role: 'manager' }
  await client.post('/api/admin/users/managers', made)
  console.log(zimmer.url, email)
  const burst = () => {
    Bun.sleepSync(blockedMs)
    setTimeout(burst, freeMs)
  }
  burst()
}

if (import.meta.main) await run(process.argv.slice(2).map(Number))
