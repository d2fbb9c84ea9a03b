import { expect, test } from 'bun:test'
import { Glob } from 'bun'
import { admin } from '../src/i18n/en/admin.ts'
import { common } from '../src/i18n/en/common.ts'
import { performance } from '../src/i18n/en/performance.ts'

const SOURCE = `${import.meta.dir}/../../src`

/** What no page can meet, and why. */
const ELSEWHERE = {
  programs: [
    'invalid_service_token',
    'scope_missing',
    'metrics_local',
    'metrics_token',
    'setup_token_invalid',
  ],
  'mistakes in writing a request': ['content_type', 'invalid_json', 'invalid_utf8', 'body_incomplete'],
  'commands of the operator': ['database_damaged', 'database_foreign', 'database_missing'],
  'reversing usage, which the API does': ['is_reversal', 'no_such_usage'],
  'said with the time to wait': ['rate_limited'],
  'ends the session': ['refresh_token_reused'],
}

async function refused(): Promise<Set<string>> {
  const codes = new Set<string>()
  for (const file of new Glob('**/*.ts').scanSync(SOURCE)) {
    if (file.endsWith('.test.ts')) continue
    const text = await Bun.file(`${SOURCE}/${file}`).text()
    for (const [, code] of text.matchAll(/new Refusal\(\s*(?:'\w+'|kind),\s*'(\w+)'/g))
      codes.add(code as string)
  }
  return codes
}

test('whatever the server refuses on a page has words there', async () => {
  const said = [common.problem.codes, admin.codes, performance.codes].flatMap(Object.keys)
  const codes = await refused()
  expect(codes.size).toBeGreaterThan(40)
  expect([...codes].filter((code) => ![...said, ...Object.values(ELSEWHERE).flat()].includes(code))).toEqual(
    [],
  )
  expect(
    Object.values(ELSEWHERE)
      .flat()
      .filter((code) => !codes.has(code)),
  ).toEqual([])
})
