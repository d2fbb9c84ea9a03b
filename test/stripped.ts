import { Database } from 'bun:sqlite'
import { SQL } from 'bun'

/** A database by its file or its URL, as somebody with a shell could use it. */
export class Shell {
  constructor(readonly place: string) {}

  get isPostgres() {
    return this.place.startsWith('postgres')
  }

  async run(...statements: string[]) {
    await this.all(statements.join(';\n'))
  }

  async all<Row = Record<string, unknown>>(sql: string): Promise<Row[]> {
    if (this.isPostgres) {
      const client = new SQL({ url: this.place, max: 1 })
      try {
        return [...((await client.unsafe(sql).simple()) as unknown as Row[])]
      } finally {
        await client.close()
      }
    }
    const database = new Database(this.place, { create: true })
    try {
      if (!/^\s*(select|pragma|explain)/i.test(sql)) {
        database.run(sql)
        return []
      }
      return database.query(sql).all() as Row[]
    } finally {
      database.close()
    }
  }

  /** Everything that is made in it, and how the file is kept: equal when nothing has changed. */
  async schema(): Promise<string[]> {
    const sql = this.isPostgres
      ? `select indexdef as line from pg_indexes where schemaname = 'public'
          union all select table_name || '.' || column_name || ' ' || data_type from information_schema.columns
            where table_schema = 'public'
          union all select array_to_string(setconfig, ' ') from pg_db_role_setting s
            join pg_database d on d.oid = s.setdatabase where d.datname = current_database()`
      : `select coalesce(sql, name) as line from sqlite_master
          union all select journal_mode from pragma_journal_mode`
    return (await this.all<{ line: string }>(sql)).map(({ line }) => line).sort()
  }

  /** Takes all indexes away but the keys, and on SQLite the plan's journal mode. */
  async strip() {
    const indexes = await this.all<{ name: string }>(
      this.isPostgres
        ? `select i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid
            where i.relnamespace = 'public'::regnamespace
              and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid)`
        : `select name from sqlite_master where type = 'index' and sql is not null`,
    )
    await this.run(...indexes.map(({ name }) => `drop index ${name}`))
    if (!this.isPostgres) await this.all('pragma journal_mode = delete')
    return indexes.map(({ name }) => name)
  }

  /** Rows in the tables of the plan, enough for indexes to be worth it; statistics as they come. */
  async fill(rows = 3_000) {
    const from = (columns: string, select: string, table: string) =>
      `insert into ${table} (${columns}) with recursive n(i) as
        (select 1 union all select i + 1 from n where i < ${rows}) select ${select} from n`
    await this.run(
      from(
        'email, name, role, is_active, email_verified, created_at, updated_at',
        `'user' || i || '@example.com', 'User', 'customer', case when i % 100 = 0 then 0 else 1 end,
          case when i % 50 = 0 then 1 else 0 end, i, i`,
        'users',
      ),
      `insert into automations (name, description, pricing_type, price_per_token, currency, demo_tokens,
        created_at, updated_at) values ('One', '', 'flat_fee', 1, 'USD', 0, 1, 1)`,
      from(
        'user_id, automation_id, status, integration_status, created_at, updated_at',
        `(select min(id) from users) + i - 1, 1, case when i % 100 = 0 then 'paused' else 'active' end,
          'connected', i, i`,
        'user_automations',
      ),
      from(
        'id, user_automation_id, user_id, automation_id, tokens, usage_type, lot_id, demo_after, paid_after, created_at',
        `i, i, i, 1, 1, 'test', 1, 0, 0, i`,
        'token_usage',
      ),
      from(
        'user_id, created_at, last_used_at, expires_at',
        '(select min(id) from users) + i - 1, i, i, i',
        'sessions',
      ),
      ...(this.isPostgres ? ['analyze'] : []),
    )
  }
}
