import { describe, expect, test } from 'bun:test'
import { byMonth, dayOfJalali, jalaliOf, monthOf, monthsBefore } from '../src/i18n/calendar.ts'
import { dayOfText, textOfDay } from '../src/ui/day-text.ts'

const DAY_MS = 86_400_000
const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10)

/** The first days of Jalali years, 1403 and 1408 being leap years, as the calendar of Iran has them. */
const NEW_YEARS = {
  1403: '2024-03-20',
  1404: '2025-03-21',
  1405: '2026-03-21',
  1408: '2029-03-20',
  1409: '2030-03-21',
}

describe('the Jalali calendar', () => {
  test('begins its years on the days that Iran does', () => {
    for (const [year, day] of Object.entries(NEW_YEARS)) {
      expect([year, dayOfJalali({ year: Number(year), month: 1, day: 1 })]).toEqual([year, day])
      expect(jalaliOf(day)).toEqual({ year: Number(year), month: 1, day: 1 })
    }
  })

  test('comes back to each day of twelve years, leap years among them', () => {
    const wrong: string[] = []
    for (let at = Date.UTC(2019, 0, 1); at < Date.UTC(2031, 0, 1); at += DAY_MS) {
      const day = dayAt(at)
      if (dayOfJalali(jalaliOf(day)) !== day) wrong.push(day)
    }
    expect(wrong).toEqual([])
  })

  test('has a 30th of Esfand in leap years alone, and no 31st after Shahrivar', () => {
    expect(dayOfJalali({ year: 1403, month: 12, day: 30 })).toBe('2025-03-20')
    expect(dayOfJalali({ year: 1408, month: 12, day: 30 })).toBe('2030-03-20')
    expect(dayOfJalali({ year: 1404, month: 12, day: 30 })).toBeNull()
    expect(dayOfJalali({ year: 1405, month: 6, day: 31 })).toBe('2026-09-22')
    expect(dayOfJalali({ year: 1405, month: 7, day: 31 })).toBeNull()
    expect(dayOfJalali({ year: 1405, month: 13, day: 1 })).toBeNull()
  })
})

describe('months', () => {
  const days = (from: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      day: dayAt(Date.parse(from) + index * DAY_MS),
      tokens: 1,
      sessions: 2,
    }))

  test('are those of the calendar of the language: the 1st of November is in Aban', () => {
    expect(monthOf('2026-11-01', 'fa')).toBe('2026-10-23')
    expect(monthOf('2026-11-22', 'fa')).toBe('2026-11-22')
    expect(monthOf('2026-11-22', 'en')).toBe('2026-11-01')
  })

  test('go back over the end of a year', () => {
    expect(monthsBefore('2026-11-27', 5, 'en')).toBe('2026-06-01')
    expect(monthsBefore('2027-02-03', 5, 'en')).toBe('2026-09-01')
    expect(monthsBefore('2026-11-27', 5, 'fa')).toBe(dayOfJalali({ year: 1405, month: 4, day: 1 }) as string)
    expect(monthsBefore('2026-04-02', 5, 'fa')).toBe(dayOfJalali({ year: 1404, month: 8, day: 1 }) as string)
  })

  test('sum the days that are in them', () => {
    // From the 1st of Mehr to the 6th of Azar 1405.
    const asked = days('2026-09-23', 66)
    expect(byMonth(asked, 'fa')).toEqual([
      { day: '2026-09-23', tokens: 30, sessions: 60 },
      { day: '2026-10-23', tokens: 30, sessions: 60 },
      { day: '2026-11-22', tokens: 6, sessions: 12 },
    ])
    expect(byMonth(asked, 'en').map(({ day, tokens }) => [day, tokens])).toEqual([
      ['2026-09-01', 8],
      ['2026-10-01', 31],
      ['2026-11-01', 27],
    ])
  })
})

describe('a date that somebody types', () => {
  test('may have Persian or Latin digits, and slashes, dashes or dots', () => {
    for (const text of ['1405/09/06', '۱۴۰۵/۰۹/۰۶', '1405-9-6', ' ۱۴۰۵.۹.۶ ', '١٤٠٥/٠٩/٠٦']) {
      expect([text, dayOfText(text)]).toEqual([text, '2026-11-27'])
    }
  })

  test('is refused when there is no such day', () => {
    for (const text of ['', '1404/12/30', '1405/13/01', '2026/11/27', '05/09/06', '1405/09', 'فردا']) {
      expect([text, dayOfText(text)]).toEqual([text, null])
    }
  })

  test('is shown as it would be typed', () => {
    expect(textOfDay('2026-11-27')).toBe('۱۴۰۵/۰۹/۰۶')
    expect(textOfDay('')).toBe('')
  })
})
