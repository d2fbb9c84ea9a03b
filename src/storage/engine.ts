import type { Value } from './storage.ts'

// Any database that speaks one of our two dialects, whoever made it: looked at through its catalogue, changed in
// single steps that can be taken back. It knows tables and indexes, and nothing of what they are for.

export type DialectName = 'sqlite' | 'postgres'

export interface TableSeen {
  name: string
  /** Exact up to 100,000, then as the database estimates it. */
  rows: number
  columns: string[]
  /** The columns of each foreign key. */
  foreignKeys: string[][]
  /** Rows when statistics were last gathered; null when they never were. */
  analyzedRows: number | null
  /** PostgreSQL: rows changed since then. */
  changedRows: number | null
  /** PostgreSQL: rows that no transaction can see any more. */
  deadRows: number | null
}

export interface IndexSeen {
  name: string
  table: string
  /** In order; an expression is its text. */
  columns: string[]
  /** Column, direction, collation and operator class of each: two equal lists order rows alike. */
  order: string[]
  unique: boolean
  /** Made by PRIMARY KEY or UNIQUE, or needed by a foreign key: it can't be dropped. */
  isKey: boolean
  /** The predicate of a partial index. */
  where: string | null
  /** PostgreSQL: false when a concurrent build was interrupted. */
  valid: boolean
  bytes: number | null
  /** PostgreSQL: how often it was used since the statistics began. */
  scans: number | null
  /** How to make it again; null for a key. */
  sql: string | null
}

export interface SettingSeen {
  name: string
  value: string
  /** What the plan, or durability, asks for; null where it is only shown. */
  wanted: string | null
  /** `file`: kept in the database. `connection`: each connection sets its own. `server`: its configuration. */
  scope: 'file' | 'connection' | 'database' | 'server'
}

/** All there is to know about a database without changing it. Sizes are bytes. */
export interface Survey {
  dialect: DialectName
  /** `SQLite 3.54.0`, `PostgreSQL 18.4`. */
  version: string
  tables: TableSeen[]
  indexes: IndexSeen[]
  settings: SettingSeen[]
  /** The migrations of a Zimmer; null when it isn't one of ours. */
  migrations: string[] | null
  bytes: number
  /** SQLite: pages that hold nothing. */
  freeBytes: number
  /** null where we may not look. */
  walBytes: number | null
  /** How long index use has been counted; null where it isn't. */
  countedForMs: number | null
  /** PostgreSQL's, by name. */
  extensions: string[]
}

/** One thing to do to a database. `sql` of an index is its plain `create index …`. */
export type Change =
  | { kind: 'create_index'; name: string; table: string; sql: string }
  | { kind: 'drop_index'; name: string; table: string; sql: string }
  | { kind: 'analyze'; table: string }
  | { kind: 'vacuum'; table: string }
  /** SQLite: brings the write-ahead log into the database, and empties it. */
  | { kind: 'checkpoint' }
  | { kind: 'set'; name: string; value: string; former: string }

/** What took place, so that it can be taken back. */
export interface Applied {
  run: number
  finding: string
  sql: string
  /** Statements; none when there is nothing to take back. */
  undo: string[]
  appliedAtMs: number
}

/** `ms` in which it was done; `bytes` by which the database grew, negative when it shrank. */
export interface Cost {
  ms: number
  bytes: number
}

export interface Engine {
  readonly dialect: DialectName
  /** For people: the file, or the server and database, without a password. */
  readonly where: string
  survey(): Promise<Survey>
  /** What is broken in the file itself, a few lines; not looked for beyond `mostBytes`, nor on PostgreSQL. */
  damage(mostBytes: number): Promise<string[]>
  rows<Row>(sql: string, ...values: Value[]): Promise<Row[]>
  /**
   * The database's own words on how it would run a statement, a step a line. Parameters stand for any value, for
   * which PostgreSQL has to be 16 or newer.
   */
  plan(sql: string): Promise<string[]>
  /** The statements of a change, as `perform` would send them. */
  script(change: Change): string[]
  /**
   * Carries out a change beside whoever uses the database, and notes how to take it back; all of it or nothing.
   * `report` hears how far a long one is, 0–100.
   *
   * @returns null when it was done already.
   */
  perform(
    change: Change,
    note: { run: number; finding: string; nowMs: number },
    report?: (percent: number) => void,
  ): Promise<Cost | null>
  /** The steps of the last run that are still in force, newest first. */
  lastRun(): Promise<Applied[]>
  /** Takes the newest of these back, and forgets it. */
  takeBack(applied: Applied): Promise<void>
  /** Nobody else changes this database by way of an Engine while `work` runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** A copy to try changes on: with the rows when they fit into `mostBytes`; null where it can't be had. */
  rehearse(mostBytes: number): Promise<Rehearsal | null>
  /** Ends the change that is under way, which then fails with nothing done. */
  cancel(): Promise<void>
  close(): Promise<void>
}

export interface Rehearsal {
  engine: Engine
  /** Without them only plans can be shown, not times. */
  hasRows: boolean
}

/** The table of what was done; it is there only while something can be taken back. */
export const RECORD = 'zimmer_optimizations'

/** Rows up to here are counted, beyond they are estimated. */
export const COUNTED_ROWS = 100_000

const WORDS = [
  'order',
  'group',
  'user',
  'table',
  'index',
  'end',
  'from',
  'to',
  'select',
  'where',
  'key',
  'default',
]

/** An identifier as SQL text. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !WORDS.includes(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** A value as SQL text: PostgreSQL makes it what the column is, SQLite as well where the column has a type. */
export const literal = (value: Value) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)

/** `create index …` with words put behind `index`, as `if not exists`. */
export const createWith = (sql: string, words: string) =>
  sql.replace(
    /^\s*create\s+(unique\s+)?index\s+/i,
    (_, unique?: string) => `create ${unique ? 'unique ' : ''}index ${words} `,
  )
