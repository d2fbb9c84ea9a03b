import { type Language, language } from './i18n.ts'

/** Numbers, money and times as the language in use writes them: in Persian with its digits and the Jalali calendar. */
const LOCALE: Record<Language, string> = { en: 'en-GB', fa: 'fa-IR-u-ca-persian-nu-arabext' }

const made = new Map<string, unknown>()

/** Intl's formatters are dear to make and cheap to keep. */
function keep<T>(kind: string, options: object, make: (locale: string) => T): T {
  const locale = LOCALE[language()]
  const key = `${locale} ${kind} ${JSON.stringify(options)}`
  const found = made.get(key) ?? make(locale)
  made.set(key, found)
  return found as T
}

export const num = (value: number, options: Intl.NumberFormatOptions = {}) =>
  keep('num', options, (locale) => new Intl.NumberFormat(locale, options)).format(value)

/** 12,345 as 12K: for places where the exact number stands nearby. */
export const short = (value: number) => num(value, { notation: 'compact', maximumFractionDigits: 1 })

/** @param ratio 0.25 is a quarter. */
export const percent = (ratio: number, digits = 0) =>
  num(ratio, { style: 'percent', maximumFractionDigits: digits })

/** @param amountMinor whole minor units (cents) of the ISO 4217 currency. */
export function money(amountMinor: number, currency: string) {
  const format = keep('money', { currency }, (locale) => {
    try {
      return new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    } catch {
      // A currency that this browser does not know: the number, and its code beside it.
      return new Intl.NumberFormat(locale, { minimumFractionDigits: 2 })
    }
  })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amountMinor / 10 ** digits)
}

/** @param ms a duration; the unit is chosen so that few digits are left. */
export function duration(ms: number) {
  const [unit, value] =
    ms < 1_000
      ? (['millisecond', ms] as const)
      : ms < 60_000
        ? (['second', ms / 1_000] as const)
        : ms < 3_600_000
          ? (['minute', ms / 60_000] as const)
          : ms < 86_400_000
            ? (['hour', ms / 3_600_000] as const)
            : (['day', ms / 86_400_000] as const)
  const digits = value < 10 ? (unit === 'millisecond' && value < 1 ? 2 : 1) : 0
  return num(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits })
}

const BYTES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
export function bytes(count: number) {
  const step = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), BYTES.length - 1)
  const unit = BYTES[step] ?? 'byte'
  return num(count / 1_000 ** step, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 })
}

type Instant = string | number | Date

const date = (at: Instant, options: Intl.DateTimeFormatOptions) =>
  keep('date', options, (locale) => new Intl.DateTimeFormat(locale, options)).format(new Date(at))

export const day = (at: Instant) => date(at, { dateStyle: 'medium' })
export const dayTime = (at: Instant) => date(at, { dateStyle: 'medium', timeStyle: 'short' })
/** Without the weekday: of a Jalali date with one browsers make `1405 Azar 6, Friday`. */
export const exact = (at: Instant) => date(at, { dateStyle: 'long', timeStyle: 'long' })
export const clock = (at: Instant) => date(at, { hour: '2-digit', minute: '2-digit' })
export const clockSeconds = (at: Instant) =>
  date(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
/** `24 Nov, 18:00`: for an axis of days. */
export const dayClock = (at: Instant) =>
  date(at, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

/** A UTC day of the server (`2026-11-24`) as a short label. */
export const utcDay = (text: string, weekday = false) =>
  date(`${text}T00:00:00Z`, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    ...(weekday ? { weekday: 'short' } : {}),
  })

/** The same with its year. */
export const dayLong = (text: string) => date(`${text}T00:00:00Z`, { timeZone: 'UTC', dateStyle: 'long' })

/** The name of the month that a UTC day is in; `long` with its year, which browsers put first in Persian. */
export function utcMonth(text: string, long = false) {
  const of = (options: Intl.DateTimeFormatOptions) =>
    date(`${text}T00:00:00Z`, { timeZone: 'UTC', ...options })
  return long ? `${of({ month: 'long' })} ${of({ year: 'numeric' })}` : of({ month: 'short' })
}

const STEPS: [Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 minutes ago`, `in 2 days`; below a minute `now`. */
export function relative(at: Instant, now = Date.now()) {
  const seconds = (new Date(at).getTime() - now) / 1_000
  const format = keep('relative', {}, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return format.format(0, 'second')
}
