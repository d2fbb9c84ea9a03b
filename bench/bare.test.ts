import { expect, test } from 'bun:test'
import type { LoadResult } from './load-order.ts'
import { throughputRows } from './sections/bare.ts'

const round = (requests: number, perCpuSecond: number, cpuShare: number) => ({
  result: { requests, seconds: 1, cpuShare, failed: {} } as LoadResult,
  perCpuSecond,
})
const figure = { name: 'GET /a', path: '/a', ratioAtLeast: 0.85, tail: false }

test('two servers that a busy load limits are told apart by their own processor time', () => {
  const [perSecond, perCpu] = throughputRows(figure, [round(990, 1_000, 0.8)], [round(1_000, 2_000, 0.97)])
  expect(perSecond).toMatchObject({ goal: null, pass: null })
  expect(perSecond?.note).toContain('80 %, 97 % against the limit: it limits them')
  expect(perCpu).toMatchObject({ ratio: 0.5, pass: false })
})

test('where the load has time to spare, requests a second count', () => {
  const [perSecond, perCpu] = throughputRows(figure, [round(900, 1_000, 0.6)], [round(1_000, 2_000, 0.7)])
  expect(perSecond).toMatchObject({ ratio: 0.9, pass: true })
  expect(perSecond?.note).toBe('CPU of the load: 60 %, 70 % against the limit')
  expect(perCpu).toMatchObject({ ratio: 0.5, goal: null })
})
