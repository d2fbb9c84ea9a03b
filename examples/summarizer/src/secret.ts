import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Compares in constant time; hashed first, so that not even the length shows. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** 192 random bits, safe in a URL. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url')
}
