import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, readConfig } from './config.ts'

const token = 'zst_0123456789abcdef'

function mistakesOf(env: Record<string, string>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

test('only the service token is needed', () => {
  expect(readConfig({ ZIMMER_SERVICE_TOKEN: token })).toEqual({
    host: '127.0.0.1',
    port: 8100,
    publicUrl: undefined,
    zimmerUrl: 'http://127.0.0.1:8000',
    serviceToken: token,
    dataDir: './data',
  })
})

test('an empty variable is one that is not set', () => {
  expect(readConfig({ ZIMMER_SERVICE_TOKEN: token, SUMMARIZER_PORT: '', ZIMMER_URL: '' }).port).toBe(8100)
})

test('a slash at the end of an address is no mistake', () => {
  const env = { ZIMMER_SERVICE_TOKEN: token, ZIMMER_URL: 'https://zimmer.example/' }
  expect(readConfig(env).zimmerUrl).toBe('https://zimmer.example')
})

test('the token may be in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  writeFileSync(join(folder, 'token'), `${token}\n`)
  expect(readConfig({ ZIMMER_SERVICE_TOKEN_FILE: join(folder, 'token') }).serviceToken).toBe(token)
  rmSync(folder, { recursive: true })
})

test('all mistakes are told at once', () => {
  const mistakes = mistakesOf({
    SUMMARIZER_PORT: '65536',
    SUMMARIZER_HOST: '0.0.0.0',
    ZIMMER_URL: 'ftp://zimmer',
    ZIMMER_SERVICE_TOKEN_FILE: '/nowhere/token',
  })
  expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual([
    'SUMMARIZER_PORT',
    'ZIMMER_URL',
    'ZIMMER_SERVICE_TOKEN_FILE',
    'SUMMARIZER_PUBLIC_URL',
  ])
})

test.each([
  [{ SUMMARIZER_PORT: '80a' }, 'SUMMARIZER_PORT'],
  [{ SUMMARIZER_PORT: '-1' }, 'SUMMARIZER_PORT'],
  [{ ZIMMER_URL: 'zimmer' }, 'ZIMMER_URL'],
  [{ ZIMMER_URL: 'http://user:secret@zimmer' }, 'ZIMMER_URL'],
  [{ SUMMARIZER_PUBLIC_URL: 'http://summaries/?a' }, 'SUMMARIZER_PUBLIC_URL'],
  [{ ZIMMER_SERVICE_TOKEN: '' }, 'ZIMMER_SERVICE_TOKEN'],
  [{ ZIMMER_SERVICE_TOKEN: 'short' }, 'ZIMMER_SERVICE_TOKEN'],
  [{ ZIMMER_SERVICE_TOKEN: 'with a space, and long' }, 'ZIMMER_SERVICE_TOKEN'],
  [{ ZIMMER_SERVICE_TOKEN_FILE: '/dev/null' }, 'ZIMMER_SERVICE_TOKEN'],
])('%j is a mistake', (env, name) => {
  const mistakes = mistakesOf({ ZIMMER_SERVICE_TOKEN: token, ...env })
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toStartWith(name)
})

test('no mistake shows the token', () => {
  expect(mistakesOf({ ZIMMER_SERVICE_TOKEN: 'my secret' }).join()).not.toContain('my secret')
})
