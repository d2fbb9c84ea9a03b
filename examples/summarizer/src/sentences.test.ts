import { describe, expect, test } from 'bun:test'
import { splitSentences } from './sentences.ts'
import { countWords } from './words.ts'

const split = (text: string) => splitSentences(text).join(' | ')

describe('an English text', () => {
  test('is split at marks and line breaks', () => {
    expect(split('One. Two! Three? Four… Five\nSix')).toBe('One. | Two! | Three? | Four… | Five | Six')
  })

  test('is not split at abbreviations and initials', () => {
    expect(split('Dr. Smith met J. K. Rowling, e.g. in the U.S. Senate. Then he left.')).toBe(
      'Dr. Smith met J. K. Rowling, e.g. in the U.S. Senate. | Then he left.',
    )
  })

  test('is split after some abbreviations when a capital follows', () => {
    expect(split('Open until 5 p.m. on Fridays. It closed at 5 p.m. We left.')).toBe(
      'Open until 5 p.m. on Fridays. | It closed at 5 p.m. | We left.',
    )
  })

  test('is not split in numbers, addresses and versions', () => {
    expect(split('It costs 3.50 at example.com. See No. 5 on p. 7. He said no. Bye.')).toBe(
      'It costs 3.50 at example.com. | See No. 5 on p. 7. | He said no. | Bye.',
    )
  })

  test('keeps the number of a list with its item', () => {
    expect(split('1. Open the case. 2. Look')).toBe('1. Open the case. | 2. Look')
  })

  test('keeps closing quotes with their sentence, and a quotation with who said it', () => {
    expect(split('"Stop!" he said. "Go." She went.')).toBe('"Stop!" he said. | "Go." | She went.')
  })

  test('is split where it is written without capitals', () => {
    expect(split('he went home. then he slept')).toBe('he went home. | then he slept')
  })
})

describe('a Persian text', () => {
  test('is split at its own marks, with or without a space', () => {
    expect(split('سلام! حال شما چطور است؟خوبم. بسیار خوب…')).toBe(
      'سلام! | حال شما چطور است؟ | خوبم. | بسیار خوب…',
    )
  })

  test('is not split at initials, acronyms and decimals', () => {
    expect(split('م. ا. به‌آذین در قرن ۴ ق.م. نبود. قیمت ۳.۵ تومان است.')).toBe(
      'م. ا. به‌آذین در قرن ۴ ق.م. نبود. | قیمت ۳.۵ تومان است.',
    )
  })
})

describe('any text', () => {
  test('loses its superfluous white space, and nothing else', () => {
    expect(splitSentences('  One\t two.\r\n\r\n   Three.  ')).toEqual(['One two.', 'Three.'])
  })

  test('may be empty', () => {
    expect(splitSentences('')).toEqual([])
    expect(splitSentences(' \n\u00a0\n')).toEqual([])
  })

  test('without any sentence end is divided into pieces, and no word is lost', () => {
    const text = Array.from({ length: 500 }, (_, i) => `word${i}`).join(' ')
    const pieces = splitSentences(text)
    expect(pieces.join(' ')).toBe(text)
    expect(Math.max(...pieces.map(countWords))).toBeLessThanOrEqual(40)
  })

  test('is divided at commas where it has them', () => {
    const clause = `${'word '.repeat(29)}word,`
    expect(splitSentences(Array(10).fill(clause).join(' '))).toEqual(Array(10).fill(clause))
  })
})
