import { expect, test } from 'bun:test'
import { memoryOf } from './processes.ts'
import { memoryFigures } from './sections/memory.ts'

const MB = 1e6

test('memory of its own is judged, and told beside what is resident', () => {
  const samples = [
    { own: 100 * MB, resident: 180 * MB },
    { own: 140 * MB, resident: 300 * MB },
  ]
  const [memory, cached] = memoryFigures(samples, { count: 100_000, cached: 99_500, failures: '' })
  expect(memory).toMatchObject({ value: 140, pass: true })
  expect(memory?.note).toContain('with them 300 MB')
  expect(cached).toMatchObject({ pass: true, goal: '≥ 99000 entries' })
})

test('sessions that were not in the cache prove nothing', () => {
  const samples = [{ own: 100 * MB, resident: 180 * MB }]
  const of = (cached: number) => memoryFigures(samples, { count: 100_000, cached, failures: '' })[1]
  expect(of(98_000)).toMatchObject({ pass: false })
  expect(of(Number.NaN)).toMatchObject({ pass: false })
})

test('a process is asked for its memory', () => {
  const { own, resident } = memoryOf(process.pid)
  expect(own).toBeGreaterThan(10 * MB)
  expect(resident).toBeGreaterThan(own)
})
