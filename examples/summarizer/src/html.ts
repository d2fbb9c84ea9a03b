import { wordList } from './stopwords.ts'

const looksLikeHtml =
  /<(?:!doctype|html|br|\/(?:p|div|body|h[1-6]|li|article|section|td|span|[abi]|em|strong))\b/i
const tagOrComment = /<!--|<[/!]?([a-z][a-z0-9]*)\b[^<>]*>/gi
const inline = wordList('a abbr b bdi bdo code em font i mark q s small span strong sub sup u')
const unread = wordList('script style head template svg')
const entities = new Map([
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
  ...Object.entries({ nbsp: ' ', zwnj: '\u200c', hellip: '…' }),
])

/**
 * The readable text of an HTML page or fragment; any other text as it is, so that `a < b` stays.
 *
 * Not a sanitiser: it only spares readers the tags, and customers the price of them.
 */
export function readableText(text: string): string {
  return looksLikeHtml.test(text) ? decodeEntities(withoutTags(text)) : text
}

function withoutTags(html: string): string {
  const parts: string[] = []
  let from = 0
  for (const match of html.matchAll(tagOrComment)) {
    if (match.index < from) continue
    parts.push(oneLine(html.slice(from, match.index)))
    const name = (match[1] ?? '').toLowerCase()
    if (!inline.has(name)) parts.push('\n')
    from = match.index + match[0].length
    if (match[0] === '<!--') from = indexOf(html, '-->', from) + '-->'.length
    else if (unread.has(name) && !match[0].startsWith('</')) from = indexOf(html, `</${name}`, from)
  }
  parts.push(oneLine(html.slice(from)))
  return parts.join('')
}

/** In HTML a line break is a space; only tags begin a new line. */
function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ')
}

/** Where `mark` begins, in capitals or not; the end of the text when it is missing, as browsers have it. */
function indexOf(html: string, mark: string, from: number): number {
  const found = html.slice(from).search(new RegExp(mark, 'i'))
  return found === -1 ? html.length : from + found
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return entities.get(name.toLowerCase()) ?? whole
    const point = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}
