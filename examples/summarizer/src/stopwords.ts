import type { Language } from './words.ts'

const english = `
a about above after again against all also although am among an and any are aren't around as at be because
been before being below between both but by can can't cannot could couldn't did didn't do does doesn't doing
don't done down during each either else enough even ever every few for from further get gets got had hadn't
has hasn't have haven't having he her here hers herself him himself his how however i i'd i'll i'm i've if in
into is isn't it its itself just let like made make makes many may me might mine more most much must my myself
neither never no nor not now of off often on once one only onto or other others our ours ourselves out over
own per perhaps quite rather really same say said says shall she should shouldn't since so some still such
than that the their theirs them themselves then there these they they're they've this those though through
thus to too under until up upon us very was wasn't we we're we've well were weren't what when where whether
which while who whom whose why will with within without won't would wouldn't yet you you'll you're you've your
yours yourself yourselves
`

// In normalised spelling, as the words are when they are looked up: ی and ک, no half-spaces, no diacritics.
const persian = `
آن آنان آنجا آنچه آنرا آنها آنکه آیا اثر از است اش اغلب اکنون اگر اگرچه اما امروز انجام اند او ایشان این اینجا
اینها اینک اینکه با باز باشد باشند باشیم بالا باید بایست بدون بر برای برخی بسیار بسیاری بعد بعضی بلکه بله
بنابراین به بود بودم بودن بودند بوده بودیم بی بیش بیشتر بین تا تر ترین تمام تنها تو توان تواند توانند جا جز
جای جایی چرا چنان چند چنین چه چون چیز چیزی حال حالا حتی حدود خب خواست خواهد خواهند خواهیم خود خودش خیلی داد
دادن داده دارای دارد دارم دارند داریم داشت داشتن داشتند داشته در درباره دهد دهند دو دیگر دیگری را رو روی زیاد
زیر زیرا سپس سر سوی شاید شد شدن شدند شده شما شود شوند طور طوری عنوان غیر فقط قبل کاملا کجا کدام کرد کردن کردند
کرده کس کسی کل کم کن کند کنم کنند کنید کنیم که لذا ما مانند مثل مثلا مدت مگر من مورد میان می نباید نباشد نبود
نخست ندارد ندارند نداشت نزد نشد نشده نمی نه نیز نیست نیستند هایی هر هرچند هرگز هست هستم هستند هستیم هم همان
همه همواره هنگام هنوز هیچ وجود وقتی ولی وی و یا یابد یعنی یک یکی
`

/** Words too common to say what a sentence is about. */
export const stopWords: Record<Language, ReadonlySet<string>> = {
  en: wordList(english),
  fa: wordList(persian),
}

/** The words of a text with white space between them. */
export function wordList(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
