const latinDigits = (text: string) =>
  text
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replaceAll(/[\u200e\u200f\u2066-\u2069]/g, '')

/** A number as people type it, in Latin digits and signs: Persian keyboards have their own. */
export const latin = (text: string) =>
  latinDigits(text)
    .replaceAll(/[−–]/g, '-')
    .replaceAll('٫', '.')
    .replaceAll(/[,٬\s]/g, '')

const plain = (text: string) => latinDigits(text).replaceAll(/\s+/g, ' ').trim()

/** Whether somebody has typed what was asked for: in whichever digits, with whatever room around and between words. */
export const isSame = (typed: string, word: string) => plain(typed) === plain(word)
