export interface Sent {
  sql: string
  parameters: readonly unknown[]
}

/**
 * Hears the SQL statements that a Zimmer sends:
 *
 *     const statements = new Statements()
 *     await using zimmer = await testZimmer(database, { onStatement: statements.seen })
 *     const sent = await statements.during(() => client.get('/api/me'))
 */
export class Statements {
  #sent: Sent[] = []

  readonly seen = (sql: string, parameters: readonly unknown[]) => void this.#sent.push({ sql, parameters })

  /** The statements sent while `work` ran. Nothing else may be under way. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    return (await this.sentDuring(work)).map(({ sql }) => sql)
  }

  /** As `during`, with their parameters. */
  async sentDuring(work: () => Promise<unknown>): Promise<Sent[]> {
    this.#sent = []
    await work()
    return this.#sent
  }

  /** Resolves when nothing has been sent for a while. */
  async quiet() {
    for (let seen = -1; seen !== this.#sent.length; await Bun.sleep(300)) seen = this.#sent.length
  }
}
