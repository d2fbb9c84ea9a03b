import { describe, expect, test } from 'bun:test'
import { Histogram } from '../src/metrics/histogram.ts'
import type { LoadResult, Windows } from './load-order.ts'
import { timesOf } from './load-tally.ts'
import { calmFrom, goodputRow, refusalsRow } from './scenarios/overload.ts'

/** So many answers that took so long, in milliseconds. */
function times(...taken: [count: number, ms: number][]) {
  const histogram = new Histogram()
  for (const [count, ms] of taken) for (let nth = 0; nth < count; nth++) histogram.add(ms)
  return timesOf(histogram)
}

/** A second of a load: who was answered, who was refused. */
const second = (answered: ReturnType<typeof times>, refused = times(), more: Partial<LoadResult> = {}) =>
  ({
    ...answered,
    ...{ requests: answered.count, seconds: 1, refused, unsent: 0, cpuShare: 0.5 },
    ...more,
  }) as LoadResult

describe('goodput', () => {
  const capacity = { capacity: 100, seconds: 1 }

  test('is what was answered within a second of when it was due', () => {
    expect(goodputRow(second(times([85, 300])), capacity)).toMatchObject({ value: 85, pass: true })
    const late = goodputRow(second(times([50, 300], [250, 4_000])), capacity)
    expect(late).toMatchObject({ value: 50, pass: false })
    expect(late.note).toContain('250 later')
  })
})

describe('refusals', () => {
  test('have to come soon', () => {
    expect(refusalsRow(second(times([100, 50]), times([200, 20])), 300).pass).toBe(true)
    expect(refusalsRow(second(times([100, 50]), times([200, 500])), 300).pass).toBe(false)
  })

  test('have to come at all: who is never told has waited as long as anybody does', () => {
    const silent = refusalsRow(second(times([100, 50]), times(), { unsent: 150 }), 300)
    expect(silent).toMatchObject({ value: 1_000, pass: false })
    expect(silent.note).toContain('200 neither answered within 1 s nor refused, 150 of them never sent')
    expect(refusalsRow(second(times([100, 50]), times([180, 20])), 300).pass).toBe(false)
    expect(refusalsRow(second(times([100, 50], [100, 5_000]), times([100, 20])), 300).pass).toBe(false)
  })

  test('are not missed where all was answered', () => {
    expect(refusalsRow(second(times([300, 50])), 300)).toMatchObject({ value: 0, pass: true })
  })
})

describe('back to normal', () => {
  const calm = { mostMs: 100, perSecond: 100, seconds: 2 }
  const windows = (...each: [answered: number, p99Ms: number, failed?: number][]): { windows: Windows } => ({
    windows: {
      answered: each.map(([answered]) => answered),
      p99Ms: each.map(([, p99Ms]) => p99Ms),
      p50Ms: [],
      failed: each.map(([, , failed = 0]) => failed),
    },
  })
  const well: [number, number] = [50, 5]

  test('counts to the last window that was slow or refused', () => {
    expect(calmFrom(windows(well, well, well, well), calm)).toBe(0)
    expect(calmFrom(windows([50, 900], well, well, well), calm)).toBe(0.5)
    expect(calmFrom(windows(well, [50, 5, 1], well, well), calm)).toBe(1)
  })

  test('is not where nobody is answered: a server that is gone is never calm', () => {
    expect(calmFrom(windows(), calm)).toBe(2)
    expect(calmFrom(windows([0, 0], [0, 0], [0, 0], [0, 0]), calm)).toBe(2)
    expect(calmFrom(windows(well, well, [10, 5], well), calm)).toBe(1.5)
    expect(calmFrom(windows(well, well), calm)).toBe(2)
  })

  test('asks for no answers after the last was due', () => {
    expect(calmFrom(windows(well, well, well, well, [1, 20]), calm)).toBe(0)
    expect(calmFrom(windows(well, well, well, well, [1, 900]), calm)).toBe(2.5)
  })
})
