const encoder = new TextEncoder()

/** A row of CSV (RFC 4180). Cells of text that others wrote go through `cell` first. */
export const line = (cells: readonly string[]) => `${cells.join(',')}\r\n`

/**
 * Text that others wrote, as one cell. A spreadsheet would run what begins like a formula, so an apostrophe
 * goes before it; numbers of ours need none, and stay numbers.
 */
export function cell(text: string) {
  const plain = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/**
 * A stream of pages, each read only when the reader has taken the one before, so that memory stays flat and nothing
 * is held in the database however slow the reader is. The first page is read before this resolves: what fails
 * then fails as a reply, not as half a file.
 */
export async function csvStream(
  pages: AsyncGenerator<string, undefined>,
): Promise<ReadableStream<Uint8Array>> {
  let waiting: IteratorResult<string> | null = await pages.next()
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = waiting ?? (await pages.next())
      waiting = null
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: async () => void (await pages.return(undefined)),
  })
}
