import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SECOND_MS } from '../lib/time.ts'

const START_MS = 10 * SECOND_MS
const STOP_MS = SECOND_MS

const MAIN = join(import.meta.dir, '../../examples/summarizer/src/main.ts')

/** The example is a program of its own: it is in a checkout, not in the single executable. */
export const summarizerIsHere = () => !Bun.isStandaloneExecutable && existsSync(MAIN)

export interface Summarizer {
  url: string
  stop(): Promise<void>
}

/**
 * Starts examples/summarizer on any free port of loopback; it ends with this process, however that ends.
 *
 * @throws Error when it doesn't listen in time.
 */
export async function startSummarizer(options: {
  zimmerUrl: string
  serviceToken: string
  dataDir: string
}): Promise<Summarizer> {
  const child = Bun.spawn([process.execPath, '--no-orphans', MAIN], {
    env: {
      ZIMMER_URL: options.zimmerUrl,
      ZIMMER_SERVICE_TOKEN: options.serviceToken,
      SUMMARIZER_PORT: '0',
      SUMMARIZER_DATA_DIR: options.dataDir,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await child.exited
    clearTimeout(timer)
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const url = await addressIn(child.stdout)
  clearTimeout(timer)
  if (url) return { url, stop }
  await stop()
  throw new Error('the summarizer did not start')
}

/** Reads until the line that tells the address; null when the program ends before. */
async function addressIn(stdout: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = stdout.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return null
    text += decoder.decode(value, { stream: true })
    const found = text.match(/listening on (\S+)\n/)
    if (found?.[1]) return found[1]
  }
}
