/**
 * Counts the SQL statements that a Zimmer sends:
 *
 *     const statements = new Statements()
 *     await using zimmer = await testZimmer(database, { onStatement: statements.seen })
 *     const sent = await statements.during(() => client.get('/api/me'))
 */
export class Statements {
  #list: string[] = []

  readonly seen = (sql: string) => void this.#list.push(sql)

  /** The statements sent while `work` ran. Nothing else may be under way. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    this.#list = []
    await work()
    return this.#list
  }
}
