import { dayOfJalali, jalaliOf } from '../i18n/calendar.ts'
import { latin } from './digits.ts'

/**
 * A Jalali date as people write it: `1405/09/06`, with Persian or Latin digits, with slashes, dashes or dots.
 *
 * @returns the day of the server (`2026-11-27`), or null.
 */
export function dayOfText(text: string): string | null {
  const [, year, month, day] = /^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})$/.exec(latin(text)) ?? []
  return year ? dayOfJalali({ year: Number(year), month: Number(month), day: Number(day) }) : null
}

/** `۱۴۰۵/۰۹/۰۶`, as it would be typed. */
export function textOfDay(day: string): string {
  if (Number.isNaN(Date.parse(day))) return ''
  const { year, month, day: of } = jalaliOf(day)
  const two = (value: number) => String(value).padStart(2, '0')
  const text = `${year}/${two(month)}/${two(of)}`
  return text.replaceAll(/\d/g, (digit) => String.fromCharCode(0x06f0 + Number(digit)))
}
