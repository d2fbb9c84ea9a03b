// How names and e-mail addresses are folded for searching. Migrations 0004 and 0008 build the databases' own folding
// out of what is here, and every row is stored as it folds: a change here needs a migration that folds all rows anew.

/** Each letter, and those that are searched as if they were it: cases, accents, Arabic and Persian forms, digits. */
const SAME = `
aÀÁÂÃÄÅàáâãäåĀāĂăĄąẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặ æÆ cÇçĆćĈĉĊċČč eÈÉÊËèéêëĒēĔĕĖėĘęĚěẸẹẺẻẼẽẾếỀềỂểỄễỆệ
iÌÍÎÏìíîïĨĩĪīĬĭĮįİıỈỉỊị ðÐ nÑñŃńŅņŇň oÒÓÔÕÖØòóôõöøŌōŎŏŐőƠơỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợ
uÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưỤụỦủỨứỪừỬửỮữỰự yÝýÿŶŷŸỲỳỴỵỶỷỸỹ þÞ dĎďĐđ gĜĝĞğĠġĢģ hĤĥ ħĦ ĳĲ jĴĵ kĶķ lĹĺĻļĽľŁł ŀĿ
ŋŊ œŒ rŔŕŖŗŘř sŚśŜŝŞşŠšȘș tŢţŤťȚț ŧŦ wŴŵ zŹźŻżŽž əƏ
αΆΑά εΈΕέ ηΉΗή ιΊΐΙΪίϊ οΌΟό υΎΥΫΰϋύ ωΏΩώ βΒ γΓ δΔ ζΖ θΘ κΚ λΛ μΜ νΝ ξΞ πΠ ρΡ σΣς τΤ φΦ χΧ ψΨ
еЀЁЕѐёӖӗ ђЂ гЃГѓ єЄ ѕЅ іІЇї јЈ љЉ њЊ ћЋ кЌКќ иЍИЙйѝӢӣӤӥ уЎУўӮӯӰӱӲӳ џЏ аАӐӑӒӓ бБ вВ дД жЖӁӂӜӝ зЗӞӟ лЛ мМ
нН оОӦӧ пП рР сС тТ фФ хХ цЦ чЧӴӵ шШ щЩ ъЪ ыЫӸӹ ьЬ эЭӬӭ юЮ яЯ ґҐ ғҒ ҕҔ җҖ ҙҘ қҚ ҝҜ ҟҞ ҡҠ ңҢ ҥҤ ҧҦ ҩҨ ҫҪ ҭҬ үҮ
ұҰ ҳҲ ҵҴ ҷҶ ҹҸ һҺ ҽҼ ҿҾ ӏӀ ӄӃ ӆӅ ӈӇ ӊӉ ӌӋ ӎӍ ӕӔ әӘӚӛ ӡӠ өӨӪӫ ӷӶ ӻӺ ӽӼ ӿӾ
աԱ բԲ գԳ դԴ եԵ զԶ էԷ ըԸ թԹ ժԺ իԻ լԼ խԽ ծԾ կԿ հՀ ձՁ ղՂ ճՃ մՄ յՅ նՆ շՇ ոՈ չՉ պՊ ջՋ ռՌ սՍ վՎ տՏ րՐ ցՑ ւՒ փՓ քՔ
օՕ ֆՖ اأإآٱ وؤۆ یيىئېۍ کكڪ هةۀەہھ 0٠۰ 1١۱ 2٢۲ 3٣۳ 4٤۴ 5٥۵ 6٦۶ 7٧۷ 8٨۸ 9٩۹`

const span = (first: number, last = first) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index)).join('')

/** Joiners, marks above and below letters, the stretched kashida: searched as if they were not there. */
const NOTHING = [
  span(0x00ad) + span(0x0300, 0x030c) + span(0x031b) + span(0x0323) + span(0x0327, 0x0328),
  span(0x0640) + span(0x064b, 0x0655) + span(0x0670) + span(0x200b, 0x200f) + span(0x2060) + span(0xfeff),
].join('')

/** ASCII that is neither letter nor digit, and the line break between a name and an address. */
const SEPARATORS = '\n !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** Twice before each word, so that three characters tell of a word that begins with one or two. */
const MARK = '\x1e'

const folds = new Map<string, string>()
for (const [letter, ...others] of SAME.trim().split(/\s+/)) {
  for (const other of others) folds.set(other, letter as string)
}
for (const mark of NOTHING) folds.set(mark, '')
for (const space of '\u00a0\u3000') folds.set(space, ' ')

/** Most names and nearly all addresses, whose letters need not be looked at one by one. */
const PLAIN = /^[\n -~]*$/
const SIGNS = /[\n -/:-@[-`{-~]/g

/** As the databases fold a name and an address; control characters, which neither has, are dropped. */
export function foldText(text: string) {
  if (PLAIN.test(text)) return text.toLowerCase().replaceAll(SIGNS, `$&${MARK}${MARK}`)
  let folded = ''
  for (const char of text
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll(/[A-Z]/g, (ascii) => ascii.toLowerCase())) {
    const same = folds.get(char) ?? char
    folded += SEPARATORS.includes(same) && same !== '' ? same + MARK + MARK : same
  }
  return folded
}

/** What a user is found by. */
export const searchText = (name: string, email: string) => MARK + MARK + foldText(`${name}\n${email}`)

/**
 * What to look for in `searchText`. One or two letters are the beginning of a word; three or more, or a sign among
 * them, any part of it.
 *
 * @returns null for a text of which nothing is left.
 */
export function needleOf(text: string): string | null {
  const words = foldText(text.replaceAll(/\s/g, ' ')).split(` ${MARK}${MARK}`)
  const first = words.findIndex((word) => word !== '')
  const last = words.findLastIndex((word) => word !== '')
  const needle = words.slice(Math.max(first, 0), last + 1).join(` ${MARK}${MARK}`)
  const { length } = [...needle]
  return length === 0 ? null : MARK.repeat(Math.max(0, 3 - length)) + needle
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const charsOf = (text: string) => `char(${[...text].map((char) => char.codePointAt(0)).join(', ')})`
const marked = (sql: string) =>
  [...SEPARATORS].reduce((inner, sign) => {
    const text = sign === '\n' ? charsOf(sign) : quote(sign)
    return `replace(${inner}, ${text}, ${text} || ${charsOf(MARK + MARK)})`
  }, sql)

/** A select of each user's `id`, `text` and standing, which SQLite's index is made of. */
export function sqliteSearchable() {
  const folded = [...folds].reduce(
    (inner, [from, to]) => `replace(${inner}, ${quote(from)}, ${quote(to)})`,
    'lower(raw)',
  )
  // Most texts are ASCII, for which the hundreds of letters need not be tried.
  const any = `case when raw glob '*[^' || char(10) || ' -~]*' then ${folded} else lower(raw) end`
  const standing = 'role, is_active, email_verified'
  return `select id, ${charsOf(MARK + MARK)} || ${marked('folded')} as text, ${standing} from (
    select id, ${any} as folded, ${standing} from (
      select id, name || char(10) || email as raw, ${standing} from users))`
}

/**
 * The definition of PostgreSQL's `user_search_text(name, email)`. Its trigrams are of letters that the database's
 * locale knows, which in the locale C are ASCII's: so all other letters become ASCII, `Z` and five hexadecimal digits.
 */
export function postgresSearchText() {
  const pairs = [...folds].filter(([, to]) => to !== '')
  const upper = span(0x41, 0x5a)
  const from = upper + pairs.map(([one]) => one).join('') + NOTHING
  const to = upper.toLowerCase() + pairs.map(([, one]) => one).join('')
  const signs = '([\\u000a\\u0020-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007e])'
  return `create function user_search_text(name text, email text) returns text
language plpgsql immutable parallel safe as $$
declare folded text := chr(30) || chr(30) || regexp_replace(
  translate(name || chr(10) || email, ${quote(from)}, ${quote(to)}),
  ${quote(signs)}, '\\1' || chr(30) || chr(30), 'g');
begin
  if octet_length(folded) = length(folded) then return folded; end if;
  return (select string_agg(
    case when ascii(letter) < 128 then letter else 'Z' || lpad(to_hex(ascii(letter)), 5, '0') end, '' order by place)
    from regexp_split_to_table(folded, '') with ordinality as letters (letter, place));
end $$;`
}

/** As `user_search_text` writes letters that are not ASCII. */
export const asAscii = (folded: string) =>
  folded.replaceAll(
    /[^\p{ASCII}]/gu,
    (letter) => `Z${(letter.codePointAt(0) as number).toString(16).padStart(5, '0')}`,
  )
