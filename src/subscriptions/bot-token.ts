import { seal, unseal } from '../lib/sealed.ts'

/** What a sealed one begins with; before there was a seal they were kept as they came. */
const SEALED = 'sealed:'

const about = (userId: number) => `telegram_bot_token:${userId}`

/** A bot token as it is kept: it opens for this customer alone. `null` forgets one, `undefined` leaves it as it is. */
export function sealBotToken<Token extends string | null | undefined>(
  secret: string,
  userId: number,
  token: Token,
): Token | string {
  return typeof token === 'string' ? SEALED + seal(secret, about(userId), token) : token
}

/** @returns null when it was sealed under another secret, or for another customer. */
export function openBotToken(secret: string, userId: number, kept: string): string | null {
  return kept.startsWith(SEALED) ? unseal(secret, about(userId), kept.slice(SEALED.length)) : kept
}
