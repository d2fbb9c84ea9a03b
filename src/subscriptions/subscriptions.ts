import type { Tx } from '../storage/storage.ts'

/** Adds an automation to a customer, with its demo tokens; at most one per customer and automation. */
export async function subscribe(
  _tx: Tx,
  _options: { userId: number; automationId: number; telegramBotToken?: string | null },
): Promise<{ id: number }> {
  throw new Error('being written')
}
