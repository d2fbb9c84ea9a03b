import { wordList } from './stopwords.ts'
import { wordPattern } from './words.ts'

const endMarks = /[.!?؟۔…]+/gu
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u
const closers = new Set(`"'”’»›)]}*`)

const neverAtEnd = wordList(`
  dr mr mrs ms messrs prof rev hon gen col capt lt sgt gov sen rep st mt vs cf ca approx e.g i.e viz al ie eg
`)
const seldomAtEnd = wordList('etc a.m p.m inc ltd co corp bros jr sr dept est ph.d b.c a.d')
// As they are written: the "no" of "He said no. 5 people left." does end a sentence.
const beforeNumber = wordList(`
  No Nos Fig Figs fig figs p pp Vol vol Ch ch Sec sec Art art Eq eq
  Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
`)

const longestSentenceWords = 120
const pieceWords = 40

/**
 * The sentences of an English or Persian text, in order, white space tidied.
 *
 * A line break always ends a sentence. One of more than 120 words, as in a transcript without punctuation, is
 * divided into pieces of up to 40, at a comma where there is one.
 */
export function splitSentences(text: string): string[] {
  const sentences: string[] = []
  for (const line of text.split(lineBreak)) {
    for (const sentence of splitLine(line)) {
      for (const piece of divideLong(sentence)) sentences.push(piece.trim().replace(/\s+/gu, ' '))
    }
  }
  return sentences.filter((sentence) => sentence !== '')
}

function splitLine(line: string): string[] {
  const sentences: string[] = []
  let start = 0
  for (const match of line.matchAll(endMarks)) {
    const marksEnd = match.index + match[0].length
    let end = marksEnd
    while (closers.has(line.charAt(end))) end++
    const before = line.slice(Math.max(start, match.index - 24), match.index)
    if (!isEnd(match[0], before, line.slice(end, end + 40), end > marksEnd)) continue
    sentences.push(line.slice(start, end))
    start = end
  }
  sentences.push(line.slice(start))
  return sentences
}

/** Whether these marks end a sentence, judged by a few characters before and after them. */
function isEnd(marks: string, before: string, after: string, closed: boolean): boolean {
  if (after.trim() === '') return true
  if (!/^\s/u.test(after)) return /[؟۔]/u.test(marks)
  const next = after.match(/[\p{L}\p{N}]/u)?.[0] ?? ''
  // "Stop!" he said, and he … stopped.
  if (/\p{Ll}/u.test(next) && (closed || marks === '…' || /^\.{2,}$/.test(marks))) return false
  return marks !== '.' || !isAbbreviation(before, next)
}

function isAbbreviation(before: string, next: string): boolean {
  const token = before.match(/[\p{L}\p{M}\p{N}.]+$/u)?.[0]
  if (token === undefined) return false
  const lower = token.toLowerCase()
  if (neverAtEnd.has(lower)) return true
  if (seldomAtEnd.has(lower)) return !/\p{Lu}/u.test(next)
  if (beforeNumber.has(token)) return /\p{N}/u.test(next)
  if (/^(?:[A-HJ-Z]|\p{Script=Arabic})$/u.test(token)) return true // an initial
  if (/^\p{L}(?:\.\p{L})+$/u.test(token)) return true // an acronym
  return /^\p{N}+$/u.test(token) && before.trim() === token // the number of a list's item
}

function divideLong(sentence: string): string[] {
  if (sentence.length < longestSentenceWords * 2) return [sentence]
  const starts = Array.from(sentence.matchAll(wordPattern), (match) => match.index)
  if (starts.length <= longestSentenceWords) return [sentence]
  const pieces: string[] = []
  let cutAt = 0
  for (let first = 0; first < starts.length; ) {
    const next = nextPiece(sentence, starts, first)
    const end = starts[next] ?? sentence.length
    pieces.push(sentence.slice(cutAt, end))
    cutAt = end
    first = next
  }
  return pieces
}

/**
 * The number of the word that the next piece begins with: after a comma, if the last half of this one has
 * any.
 */
function nextPiece(sentence: string, starts: number[], first: number): number {
  const last = first + pieceWords
  if (last >= starts.length) return starts.length
  for (let word = last; word > last - pieceWords / 2; word--) {
    if (/[,;:،؛]\s/u.test(sentence.slice(starts[word - 1], starts[word]))) return word
  }
  return last
}
