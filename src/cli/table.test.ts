import { expect, test } from 'bun:test'
import { counted } from './table.ts'

test('a number with its noun, in the singular for one alone', () => {
  expect([0, 1, 2, 1_234].map((count) => counted(count, 'subscription'))).toEqual([
    '0 subscriptions',
    '1 subscription',
    '2 subscriptions',
    '1,234 subscriptions',
  ])
})
