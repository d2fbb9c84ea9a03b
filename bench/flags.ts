import { parseArgs } from 'node:util'

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

export type Given = Record<string, string | boolean | (string | boolean)[] | undefined>

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/** Of every command that measures. */
export const REPORT_OPTIONS = {
  json: { type: 'string' },
  html: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options

export const REPORT_HELP = `  --json FILE       the figures as JSON
  --html FILE       a report with plots, in one file
  --help            this`

/** @throws UsageError */
export function parse<T extends Options>(args: string[], options: T, { positionals = 0 } = {}) {
  let parsed: { values: unknown; positionals: string[] }
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  if (parsed.positionals.length > positionals) {
    throw new UsageError(`"${parsed.positionals.slice(positionals).join(' ')}" is too much`)
  }
  return parsed as {
    values: {
      [K in keyof T]?: T[K] extends { multiple: true }
        ? string[]
        : T[K] extends { type: 'boolean' }
          ? boolean
          : string
    }
    positionals: string[]
  }
}

interface Bounds<Usual> {
  least: number
  most: number
  usual: Usual
  whole?: boolean
}

/** @throws UsageError */
export function numberOf<Usual extends number | null>(
  text: string | undefined,
  name: string,
  { least, most, usual, whole = false }: Bounds<Usual>,
): number | Usual {
  if (text === undefined) return usual
  const value = Number(text)
  if (text.trim() && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  throw new UsageError(
    `${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}"`,
  )
}

const SIZES: Record<string, number> = { '10k': 10_000, '100k': 100_000, '1m': 1_000_000 }
const USERS_LEAST = 100
const USERS_MOST = 2_000_000

/** `10k`, `100k`, `1m`, or a whole number. */
export function usersOf(text: string | undefined, usual: number): number {
  const known = text && SIZES[text.toLowerCase()]
  if (known) return known
  const value = Number(text ?? usual)
  if (Number.isInteger(value) && value >= USERS_LEAST && value <= USERS_MOST) return value
  throw new UsageError(
    `--users must be 10k, 100k, 1m or a whole number from ${USERS_LEAST} to ${USERS_MOST}, not "${text}"`,
  )
}
