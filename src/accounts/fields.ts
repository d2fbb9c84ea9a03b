import { Refusal } from '../lib/refusal.ts'

export const EMAIL_MOST = 254
export const NAME_MOST = 100
export const PHONE_MOST = 32

// One @ with something on both sides, no spaces or control characters: only a mail that arrives tells the rest.
const EMAIL = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u
/** Control characters, lone surrogates and what is not assigned; joiners (ZWNJ) belong to Persian names. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/u

export const wrongField = (field: string, message: string) =>
  new Refusal('invalid', 'invalid_input', `${field}: ${message}`, { errors: [{ field, message }] })

/** Two spellings of one address are one account. */
export const foldEmail = (text: string) => text.trim().toLowerCase()

/** @throws Refusal invalid, naming `email`. */
export function cleanEmail(text: string) {
  const email = foldEmail(text)
  if (email.length > EMAIL_MOST) throw wrongField('email', `must not be longer than ${EMAIL_MOST} characters`)
  if (!EMAIL.test(email)) throw wrongField('email', 'must be an e-mail address such as name@example.com')
  return email
}

/** @throws Refusal invalid, naming `name`. */
export function cleanName(text: string) {
  const name = text.trim()
  if (name.length === 0) throw wrongField('name', 'must not be empty')
  if (name.length > NAME_MOST) throw wrongField('name', `must not be longer than ${NAME_MOST} characters`)
  if (UNPRINTABLE.test(name)) throw wrongField('name', 'must not contain control characters')
  return name
}

/** An empty one is none. @throws Refusal invalid, naming `phone_number`. */
export function cleanPhone(text: string | null | undefined) {
  const phone = text?.trim()
  if (!phone) return null
  if (phone.length > PHONE_MOST) {
    throw wrongField('phone_number', `must not be longer than ${PHONE_MOST} characters`)
  }
  if (UNPRINTABLE.test(phone)) throw wrongField('phone_number', 'must not contain control characters')
  return phone
}
