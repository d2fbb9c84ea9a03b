import { stopWords, wordList } from './stopwords.ts'

export type Language = 'en' | 'fa'

/** What one token pays for, begun words included: 200 words cost 1, 201 cost 2. */
export const wordsPerToken = 200

/**
 * A word: letters, marks and digits. An apostrophe, a hyphen, a Persian half-space (ZWNJ) or the point of a
 * number inside it doesn't end it. No part can match in two ways, and runs are bounded, so that a hostile
 * text costs linear time.
 */
export const wordPattern = (() => {
  const part = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}_]*`
  const joint = String.raw`(?:['’\-‐]|(?:\u200c|\u200d|\u00ad){1,3}|(?<=\p{N})[.,٫٬](?=\p{N}))`
  return new RegExp(`${part}(?:${joint}${part})*`, 'gu')
})()

export function countWords(text: string): number {
  return text.match(wordPattern)?.length ?? 0
}

/** Whole tokens for a text of so many words. */
export function priceTokens(words: number): number {
  return Math.ceil(words / wordsPerToken)
}

/** `fa` when most letters at the beginning of the text are of the Arabic script, else `en`. */
export function detectLanguage(text: string): Language {
  const beginning = text.slice(0, 10_000)
  const arabic = beginning.match(/\p{Script=Arabic}/gu)?.length ?? 0
  const latin = beginning.match(/\p{Script=Latin}/gu)?.length ?? 0
  return arabic > latin ? 'fa' : 'en'
}

/** One spelling for what readers take as one word: Arabic and Persian letters, digits, diacritics, case. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u064b-\u065f\u0670ـ\u00ad]|\u200d/g, '')
    .replace(/[يىئ]/g, 'ی')
    .replace(/ك/g, 'ک')
    .replace(/[ةۀ]/g, 'ه')
    .replace(/[أإٱ]/g, 'ا')
    .replace(/ؤ/g, 'و')
    .replace(/’/g, "'")
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
}

/** The words that say what a sentence is about, in a common form; each as often as it stands there. */
export function terms(sentence: string, language: Language): string[] {
  const found: string[] = []
  for (const word of normalise(sentence).match(wordPattern) ?? []) {
    if (isStopWord(word, language)) continue
    const stem = language === 'fa' ? persianStem(word) : englishStem(word)
    if (!isStopWord(stem, language)) found.push(stem)
  }
  return found
}

function isStopWord(word: string, language: Language): boolean {
  return stopWords[language].has(word.replaceAll('\u200c', ''))
}

const persianAffixes = wordList(`
  می نمی ها های هایی هایم هایت هایش هایمان هایتان هایشان ام ات اش ای ایم اید اند مان تان شان تر ترین
`)

/** Drops the affixes that a half-space sets apart, and the plural where it is written together. */
function persianStem(word: string): string {
  const root = word
    .split('\u200c')
    .filter((part) => !persianAffixes.has(part))
    .join('')
  return root.replace(/^(.{4,})(?:هایی|های|ها)$/u, '$1') || word.replaceAll('\u200c', '')
}

/** Harman's S stemmer: singular and plural become one, and nothing else is touched. */
function englishStem(word: string): string {
  const base = word.replace(/'s?$/, '')
  if (base.length < 4) return base
  if (/ies$/.test(base) && !/[ae]ies$/.test(base)) return `${base.slice(0, -3)}y`
  if (/es$/.test(base) && !/[aeo]es$/.test(base)) return base.slice(0, -1)
  if (/s$/.test(base) && !/[us]s$/.test(base)) return base.slice(0, -1)
  return base
}
