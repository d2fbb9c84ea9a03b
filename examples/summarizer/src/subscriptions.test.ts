import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Subscriptions } from './subscriptions.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'subscriptions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a subscription is found by its key, also after a restart', () => {
  const { key } = new Subscriptions(folder).provision(42, 7)
  expect(new Subscriptions(folder).withKey(key)).toMatchObject({ userAutomationId: 42, userId: 7 })
})

test('the same subscription keeps its key', () => {
  const subscriptions = new Subscriptions(folder)
  expect(subscriptions.provision(42, 7).key).toBe(subscriptions.provision(42, 7).key)
})

test('every subscription has another key', () => {
  const subscriptions = new Subscriptions(folder)
  expect(subscriptions.provision(42, 7).key).not.toBe(subscriptions.provision(43, 7).key)
})

test('another user of the same number gets another key, and the old one ends', () => {
  const subscriptions = new Subscriptions(folder)
  const { key } = subscriptions.provision(42, 7)
  expect(subscriptions.provision(42, 8).key).not.toBe(key)
  expect(subscriptions.withKey(key)).toBeUndefined()
})

test('a wrong key finds nothing', () => {
  const subscriptions = new Subscriptions(folder)
  const { key } = subscriptions.provision(42, 7)
  for (const wrong of ['', '42', '42.', `${key}x`, key.slice(0, -1), key.replace('42', '43'), 'NaN.x']) {
    expect(subscriptions.withKey(wrong)).toBeUndefined()
  }
})

test('the file is for its owner only, and no temporary one is left', () => {
  new Subscriptions(folder).provision(42, 7)
  expect(readdirSync(folder)).toEqual(['subscriptions.json'])
  expect(statSync(join(folder, 'subscriptions.json')).mode & 0o777).toBe(0o600)
})

test.each(['', '{', '{}', 'null', '{"subscriptions":[{"userAutomationId":1}]}'])(
  'a damaged file, %j, is refused and kept',
  (text) => {
    const path = join(folder, 'subscriptions.json')
    writeFileSync(path, text)
    expect(() => new Subscriptions(folder)).toThrow('damaged')
    expect(statSync(path).size).toBe(text.length)
  },
)
