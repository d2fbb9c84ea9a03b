import { SQL } from 'bun'

const SETTINGS = { application_name: 'zimmer caches', statement_timeout: 5_000, synchronous_commit: 'off' }

/**
 * LISTEN and NOTIFY on connections of their own. What is said here need not survive a crash of the database, so
 * it does not wait for its disk.
 */
export function openLine(url: string) {
  const sql = new SQL({ url, max: 1, connectionTimeout: 5, connection: SETTINGS })
  return {
    async listen(channel: string, message: (payload: string) => void, listening: () => void) {
      await sql.listen(channel, message, listening)
    },
    notify: (channel: string, payload: string) => sql.notify(channel, payload),
    close: () => sql.close({ timeout: 1 }),
  }
}
