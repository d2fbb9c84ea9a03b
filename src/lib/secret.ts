import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits, base64url without padding (43 characters). */
export const randomToken = () => randomBytes(32).toString('base64url')

/** SHA-256, base64url without padding (43 characters): how every secret is stored. */
export const sha256 = (text: string) => Bun.CryptoHasher.hash('sha256', text, 'base64url')

/** HMAC-SHA-256 of `text` under `key`, base64url without padding (43 characters). */
export const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url')

/** Compares in time that depends on neither text. */
export function sameSecret(a: string, b: string) {
  return timingSafeEqual(Bun.CryptoHasher.hash('sha256', a), Bun.CryptoHasher.hash('sha256', b))
}

const MASKED = '••••'

/** A secret as it may be shown: its presence, never its characters. */
export const masked = (secret: string | null | undefined) => (secret ? MASKED : '')
