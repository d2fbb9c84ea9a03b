import { expect, test } from 'bun:test'
import { seal, unseal } from './sealed.ts'

const SECRET = 'a secret of at least thirty-two characters'

test('what is sealed opens with the same secret for the same thing', () => {
  const sealed = seal(SECRET, 'service_token:1', 'zst_token')
  expect(unseal(SECRET, 'service_token:1', sealed)).toBe('zst_token')
})

test('another secret, another thing, or a changed byte opens nothing', () => {
  const sealed = seal(SECRET, 'service_token:1', 'zst_token')
  expect(unseal(`${SECRET}!`, 'service_token:1', sealed)).toBeNull()
  expect(unseal(SECRET, 'service_token:2', sealed)).toBeNull()
  for (let i = 0; i < sealed.length - 1; i += 5) {
    const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`
    expect(unseal(SECRET, 'service_token:1', changed)).toBeNull()
  }
  for (const nothing of ['', 'x', sealed.slice(0, 20)]) {
    expect(unseal(SECRET, 'service_token:1', nothing)).toBeNull()
  }
})

test('the same text is sealed differently each time', () => {
  expect(seal(SECRET, 'a', 'text')).not.toBe(seal(SECRET, 'a', 'text'))
})
