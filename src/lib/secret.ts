import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits, base64url without padding (43 characters). */
export const randomToken = () => randomBytes(32).toString('base64url')

/** SHA-256, base64url without padding (43 characters): how every secret is stored. */
export const sha256 = (text: string) => Bun.CryptoHasher.hash('sha256', text, 'base64url')

/** So much of a SHA-256 (156 bits) that two secrets never have it in common. */
export interface Digest {
  /** 52 bits, for a map. They alone prove nothing. */
  readonly key: number
  readonly second: number
  readonly third: number
}

const bytes = new Uint8Array(32)
const words = new Uint32Array(bytes.buffer)
/** 52 bits, which a number holds. */
const two = (at: number) => (words[at] as number) * 2 ** 20 + ((words[at + 1] as number) >>> 12)

/** Numbers, where a map of a hundred thousand secrets would else keep as many texts. */
export function digestOf(secret: string): Digest {
  Bun.CryptoHasher.hash('sha256', secret, bytes)
  return { key: two(0), second: two(2), third: two(4) }
}

/** HMAC-SHA-256 of `text` under `key`, base64url without padding (43 characters). */
export const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url')

/** Compares in time that depends on neither text. */
export function sameSecret(a: string, b: string) {
  return timingSafeEqual(Bun.CryptoHasher.hash('sha256', a), Bun.CryptoHasher.hash('sha256', b))
}

const MASKED = '••••'

/** A secret as it may be shown: its presence, never its characters. */
export const masked = (secret: string | null | undefined) => (secret ? MASKED : '')
