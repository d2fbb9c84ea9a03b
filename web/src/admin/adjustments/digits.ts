/** A number as people type it, in Latin digits and signs: Persian keyboards have their own. */
export const latin = (text: string) =>
  text
    .trim()
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replaceAll(/[−–]/g, '-')
    .replaceAll('٫', '.')
    .replaceAll(/[,٬\s\u200e\u200f]/g, '')
