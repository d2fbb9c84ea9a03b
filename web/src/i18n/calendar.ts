import { type Language, language } from './i18n.ts'

/** Days of the server (`2026-11-27`, UTC) in the calendar of the language in use: Jalali in Persian, else Gregorian. */

const DAY_MS = 86_400_000
const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10)
const after = (day: string, days: number) => dayAt(Date.parse(day) + days * DAY_MS)

let jalali: Intl.DateTimeFormat | undefined

interface Jalali {
  year: number
  month: number
  day: number
}

export function jalaliOf(day: string): Jalali {
  jalali ??= new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const parts = jalali.formatToParts(Date.parse(day))
  const of = (type: string) => Number.parseInt(parts.find((part) => part.type === type)?.value ?? '', 10)
  return { year: of('year'), month: of('month'), day: of('day') }
}

/** @returns null for a day that this calendar does not have, as the 30th of Esfand in most years. */
export function dayOfJalali({ year, month, day }: Jalali): string | null {
  if (year < 1200 || year > 1600 || month < 1 || month > 12 || day < 1 || day > 31) return null
  // Six months of 31 days, then five of 30. The year begins between the 19th and the 22nd of March.
  const inYear = month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30
  for (const march of [19, 20, 21, 22]) {
    const found = dayAt(Date.UTC(year + 621, 2, march + inYear + day - 1))
    const is = jalaliOf(found)
    if (is.year === year && is.month === month && is.day === day) return found
  }
  return null
}

/** The first day of the month that a day is in. */
export function monthOf(day: string, lang: Language = language()): string {
  return lang === 'fa' ? after(day, 1 - jalaliOf(day).day) : `${day.slice(0, 8)}01`
}

/** The first day of the month so many months before that of `day`. */
export function monthsBefore(day: string, months: number, lang: Language = language()): string {
  let first = monthOf(day, lang)
  for (let back = 0; back < months; back++) first = monthOf(after(first, -1), lang)
  return first
}

interface Used {
  day: string
  tokens: number
  sessions: number
}

/** Sums by month; `day` is then the first one of it. */
export function byMonth(days: readonly Used[], lang: Language = language()): Used[] {
  const months = new Map<string, Used>()
  for (const { day, tokens, sessions } of days) {
    const month = monthOf(day, lang)
    const sum = months.get(month) ?? { day: month, tokens: 0, sessions: 0 }
    months.set(month, { day: month, tokens: sum.tokens + tokens, sessions: sum.sessions + sessions })
  }
  return [...months.values()]
}
