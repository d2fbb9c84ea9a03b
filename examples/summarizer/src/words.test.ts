import { describe, expect, test } from 'bun:test'
import { countWords, detectLanguage, normalise, priceTokens, terms } from './words.ts'

describe('the word count', () => {
  test.each([
    ['', 0],
    ['one', 1],
    ['Two words.', 2],
    ["don't and don’t are one word each", 7],
    ['well-known, state-of-the-art', 2],
    ['a dash — or two -- is no word', 7],
    ['3.14 and 1,000 and ۳٫۵', 5],
    ['۱۲۳ کتاب', 2],
    ['😀 👩‍👩‍👧 ❤️ … !!!', 0],
    ['naïve cafe\u0301', 2],
  ])('of %j is %d', (text, words) => {
    expect(countWords(text)).toBe(words)
  })

  test('takes a Persian word with half-spaces as one', () => {
    expect(countWords('کتاب‌های کتابخانه‌ها را می‌خوانند')).toBe(4)
    expect(countWords('می‌‌رود')).toBe(1)
  })

  test('takes diacritics as part of the word', () => {
    expect(countWords('مُحَمَّد رَفت')).toBe(2)
  })
})

describe('the price', () => {
  test.each([
    [1, 1],
    [200, 1],
    [201, 2],
    [400, 2],
    [401, 3],
  ])('of %d words is %d', (words, tokens) => {
    expect(priceTokens(words)).toBe(tokens)
  })
})

describe('the language', () => {
  test('is that of most letters', () => {
    expect(detectLanguage('This is English, with the word سلام in it.')).toBe('en')
    expect(detectLanguage('این متن فارسی است و واژهٔ hello هم دارد.')).toBe('fa')
  })

  test('is English when there are no letters', () => {
    expect(detectLanguage('1 + 1 = 2 😀')).toBe('en')
  })
})

describe('terms', () => {
  test('leave out stop words and bring singular and plural together', () => {
    expect(terms('The libraries of the towns and a library', 'en')).toEqual(['library', 'town', 'library'])
  })

  test('leave out possessives', () => {
    expect(terms("Harrow's café", 'en')).toEqual(['harrow', 'café'])
  })

  test('bring Persian forms of one word together', () => {
    expect(terms('کتاب، کتاب‌ها، کتاب‌های، كتاب و کتابها', 'fa')).toEqual(Array(5).fill('کتاب'))
  })

  test('know Arabic and Persian letters and digits as the same', () => {
    expect(normalise('كتابي ١٢۳')).toBe(normalise('کتابی 123'))
    expect(normalise('مُعَلِّم')).toBe('معلم')
  })
})
