import { expect, test } from 'bun:test'
import { ConfigError, readConfig } from './config.ts'

function mistakes(env: Record<string, string>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).mistakes
  }
}

test('unknown settings are named with the nearest one, and the list of all comes once', () => {
  const found = mistakes({
    ZIMMER_PROT: '80',
    ZIMMER_DATABSE_URL: 'x',
    ZIMMER_SOMETHING_ELSE: '1',
    OTHER: '2',
  })
  expect(found.slice(0, 3)).toEqual([
    'ZIMMER_PROT is not a setting; did you mean ZIMMER_PORT?',
    'ZIMMER_DATABSE_URL is not a setting; did you mean ZIMMER_DATABASE_URL?',
    'ZIMMER_SOMETHING_ELSE is not a setting',
  ])
  expect(found[3]).toStartWith('the settings are ')
  expect(found[3]).toContain('ZIMMER_JWT_SECRET_FILE')
  expect(found).toHaveLength(4)
})

test('without an unknown setting there is no list', () => {
  expect(mistakes({ ZIMMER_PORT: '8000', ZIMMER_TEST_POSTGRES_URL: 'x' })).toEqual([])
  expect(mistakes({ ZIMMER_PORT: 'x' })).toEqual([
    'ZIMMER_PORT must be a whole number from 0 to 65535, not "x"',
  ])
})

test('all mistakes come in one error', () => {
  expect(() => readConfig({ ZIMMER_PORT: 'x', ZIMMER_PROT: '1' })).toThrow(ConfigError)
  expect(mistakes({ ZIMMER_PORT: 'x', ZIMMER_PROT: '1' })).toHaveLength(3)
})
