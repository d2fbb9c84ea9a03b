import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { splitSentences } from './sentences.ts'
import { largestGraph, pageRank, summarize } from './textrank.ts'
import type { Language } from './words.ts'

const samples: [Language, string][] = [
  ['en', readFileSync(new URL('../samples/en.txt', import.meta.url), 'utf8')],
  ['fa', readFileSync(new URL('../samples/fa.txt', import.meta.url), 'utf8')],
]

describe.each(samples)('a summary in %s', (language, text) => {
  test('has as many sentences as asked for, each from the text, in its order', () => {
    const sentences = splitSentences(text)
    for (const count of [1, 3, 7]) {
      const summary = summarize(text, count, language)
      const positions = summary.map((sentence) => sentences.indexOf(sentence))
      expect(summary).toHaveLength(count)
      expect(positions).not.toContain(-1)
      expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    }
  })

  test('is the same each time', () => {
    expect(summarize(text, 5, language)).toEqual(summarize(text, 5, language))
  })

  test('that is shorter is part of the longer one', () => {
    const long = summarize(text, 6, language)
    for (const sentence of summarize(text, 2, language)) expect(long).toContain(sentence)
  })

  test('as long as the text is the text', () => {
    expect(summarize(text, 1_000, language)).toEqual(splitSentences(text))
  })
})

describe('a summary', () => {
  test('prefers what the text is about to what is said by the way', () => {
    const text = [
      'The harbour of the town is old.',
      'Ships left the harbour of the town each morning.',
      'The ships of the town carried salt from the harbour.',
      'My aunt likes pancakes.',
      'Salt made the town rich, and the harbour grew with its ships.',
    ]
    expect(summarize(text.join(' '), 4, 'en')).toEqual(text.toSpliced(3, 1))
  })

  test('does so in Persian, whichever letters and half-spaces are used', () => {
    const text = [
      'بندر این شهر قدیمی است.',
      'کشتی‌ها هر صبح از بندر شهر می‌رفتند.',
      'كشتيهاي شهر نمک را از بندر می‌بردند.',
      'خاله‌ام پنکیک دوست دارد.',
      'نمک شهر را ثروتمند کرد و بندر با کشتی‌هایش بزرگ شد.',
    ]
    expect(summarize(text.join(' '), 4, 'fa')).toEqual(text.toSpliced(3, 1))
  })

  test('never says the same twice', () => {
    const text = `${'The harbour is old. '.repeat(5)}Ships leave it. Salt comes from the harbour.`
    const summary = summarize(text, 3, 'en')
    expect(summary).toHaveLength(new Set(summary).size)
  })

  test('of one sentence is that sentence', () => {
    expect(summarize('سلام دنیا 😀', 3, 'fa')).toEqual(['سلام دنیا 😀'])
  })

  test('of stop words only is its beginning', () => {
    expect(summarize('It is. It was. They are. We were.', 2, 'en')).toEqual(['It is.', 'It was.'])
  })

  test('of 10,000 sentences comes from the whole text, though the graph has a limit', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `Ship ${i} left harbour ${i % 97}.`).join(' ')
    expect(splitSentences(text).length).toBeGreaterThan(largestGraph)
    expect(summarize(text, 20, 'en')).toHaveLength(20)
  })
})

describe('PageRank', () => {
  const graph = (rows: number[][]) => pageRank(Float64Array.from(rows.flat()), rows.length)
  const sum = (ranks: Float64Array) => ranks.reduce((total, rank) => total + rank, 0)

  test('ranks the middle of a star highest, and its points alike', () => {
    const [middle = 0, a, b, c] = graph([
      [0, 1, 1, 1],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ])
    expect(middle).toBeGreaterThan(a ?? 1)
    expect(a).toBe(b)
    expect(b).toBe(c)
  })

  test('follows heavy edges more than light ones', () => {
    const [, heavy = 0, light = 1] = graph([
      [0, 5, 1],
      [5, 0, 0],
      [1, 0, 0],
    ])
    expect(heavy).toBeGreaterThan(light)
  })

  test('adds up to 1, nodes without edges included', () => {
    expect(sum(graph([[0]]))).toBeCloseTo(1)
    const ranks = graph([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ])
    expect(sum(ranks)).toBeCloseTo(1)
    expect(ranks[2]).toBeLessThan(ranks[0] ?? 0)
  })

  test('agrees with the equation that defines it', () => {
    const rows = [
      [0, 2, 1, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 0],
      [0, 1, 0, 0],
    ]
    const ranks = graph(rows)
    const strength = rows.map((row) => row.reduce((total, weight) => total + weight, 0))
    for (const [node, row] of rows.entries()) {
      const flow = row.reduce(
        (total, w, other) => total + (w / (strength[other] ?? 1)) * (ranks[other] ?? 0),
        0,
      )
      expect(ranks[node]).toBeCloseTo(0.15 / 4 + 0.85 * flow, 5)
    }
  })
})
