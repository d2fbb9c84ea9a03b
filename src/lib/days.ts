import { Refusal } from './refusal.ts'
import { DAY_MS, dayOf, dayText } from './time.ts'

/** Milliseconds UTC; null has no end. */
export interface Times {
  from: number | null
  before: number | null
}

/**
 * The whole UTC days that are asked for.
 * @param from `YYYY-MM-DD`, the first day; `to` the last one.
 * @throws Refusal invalid, naming the field.
 */
export function timesOf({ from, to }: { from?: string; to?: string }): Times {
  const first = from === undefined ? null : readDay('from', from)
  const last = to === undefined ? null : readDay('to', to)
  if (first !== null && last !== null && first > last) throw wrongDay('from', 'must not be later than `to`')
  return { from: first && first * DAY_MS, before: last && (last + 1) * DAY_MS }
}

/**
 * The number of a UTC day since 1970.
 * @throws Refusal invalid, naming the field.
 */
export function readDay(field: 'from' | 'to', text: string) {
  const ms = /^[12]\d{3}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(ms) || dayText(dayOf(ms)) !== text) throw wrongDay(field, 'must be a date as YYYY-MM-DD')
  return dayOf(ms)
}

export const wrongDay = (field: 'from' | 'to', message: string) =>
  new Refusal('invalid', 'invalid_input', `${field}: ${message}`, { errors: [{ field, message }] })
