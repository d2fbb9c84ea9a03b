import type { TObject, TSchema } from 'typebox'
import type { Validator } from 'typebox/compile'
import { type FieldError, Refusal } from '../lib/refusal.ts'

const MOST_ERRORS = 20
const MOST_SHOWN = 40

interface SchemaError {
  keyword: string
  instancePath: string
  message: string
  params: Record<string, unknown>
}

/** @throws Refusal invalid, with an error per field. */
export type Check = (value: unknown) => void

/**
 * The largest of all imports is loaded at the first check, for a start checks nothing. A server calls this when it
 * has a moment, so that no request waits for it.
 */
export const compiler = (): typeof import('typebox/compile') => require('typebox/compile')

/** Compiles on first use: a start compiles nothing. */
export function checker(schema: TSchema, where: 'body' | 'query' | 'path'): Check {
  let compiled: Validator | undefined
  return (value) => {
    compiled ??= compiler().Compile(schema)
    if (compiled.Check(value)) return
    const errors = fieldErrors([...compiled.Errors(value)] as unknown as SchemaError[], value, where)
    throw new Refusal('invalid', 'invalid_input', errors.map((e) => `${e.field}: ${e.message}`).join('; '), {
      errors,
    })
  }
}

function fieldErrors(found: SchemaError[], value: unknown, where: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const { keyword, instancePath, message, params } of found) {
    const add = (field: string, text: string) => {
      if (seen.has(field) || errors.length >= MOST_ERRORS) return
      seen.add(field)
      errors.push({ field, message: text, ...ruleOf(keyword, params) })
    }
    const path = instancePath.slice(1).replaceAll('/', '.')
    if (keyword === 'required') {
      for (const name of params.requiredProperties as string[])
        add(path ? `${path}.${name}` : name, 'is required')
    } else if (keyword === 'additionalProperties') {
      for (const name of params.additionalProperties as string[])
        add(path ? `${path}.${name}` : name, 'is not known here')
    } else if (keyword === 'enum') {
      add(path || where, `must be one of ${(params.allowedValues as unknown[]).join(', ')}`)
    } else if (keyword === 'not') {
      add(path || where, `must not be ${shown(value, instancePath)}`)
    } else if (message === 'schema is false') {
      add(path, 'is not known here')
    } else {
      add(path || where, path || typeof value === 'object' ? message : `${message}, as JSON`)
    }
  }
  return errors
}

function ruleOf(keyword: string, { type, format, limit }: Record<string, unknown>) {
  // A schema that is `false`, which only what is not known here meets.
  const named = keyword === 'boolean' ? 'additionalProperties' : keyword
  const code = named === 'type' ? type : named === 'format' ? format : named
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof limit === 'number' ? { limit } : {}),
  }
}

/** The value at a path of the input, as it was given; nothing long. */
function shown(value: unknown, path: string): string {
  const steps = path.split('/').slice(1)
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | null)?.[step], value)
  return (JSON.stringify(found) ?? 'this').slice(0, MOST_SHOWN)
}

/**
 * Reads text parameters as what their schema says: whole numbers and booleans.
 * What can't be read stays text, and the schema says what is wrong with it.
 */
export function coerce(schema: TObject, input: Record<string, string>): Record<string, unknown> {
  // Without a prototype `__proto__` is a name like any other.
  const output: Record<string, unknown> = Object.create(null)
  for (const [name, text] of Object.entries(input)) {
    const type = (schema.properties[name] as { type?: string } | undefined)?.type
    if ((type === 'integer' || type === 'number') && /^-?\d{1,16}$/.test(text)) output[name] = Number(text)
    else if (type === 'boolean' && /^(true|false|1|0)$/.test(text))
      output[name] = text === 'true' || text === '1'
    else output[name] = text
  }
  return output
}

/** @throws Refusal for a parameter that is given twice or has a NUL in it. */
export function queryOf(url: string): Record<string, string> {
  const start = url.indexOf('?')
  if (start < 0) return {}
  const output: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (name in output) throw invalidField(name, 'is given twice')
    if (value.includes('\0')) throw invalidField(name, 'must not contain NUL')
    output[name] = value
  }
  return output
}

export const invalidField = (field: string, message: string) =>
  new Refusal('invalid', 'invalid_input', `${field}: ${message}`, { errors: [{ field, message }] })
