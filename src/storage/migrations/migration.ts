/**
 * A step of the schema. `sql` is for both databases, with the few words that differ in braces (see `render`);
 * `sqlite` and `postgres` follow it on that database only. Statements end in `;` at the end of a line.
 */
export interface Migration {
  name: string
  sql: string
  sqlite?: string
  postgres?: string
}
