import { expect, test } from 'bun:test'
import { spreadOf } from './figures.ts'

test('the spread is a share of the median, and none where the median is 0', () => {
  expect(spreadOf([90, 100, 110])).toBeCloseTo(0.2)
  expect(spreadOf([5, 5, 5])).toBe(0)
  expect(spreadOf([0, 0, 0.2])).toBe(0)
})
