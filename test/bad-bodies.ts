/** Bad bodies, made from a route's schema. Each is bad in one way, and names the field that it is bad in. */
export interface BadBody {
  what: string
  /** JSON text, or bytes that are none. */
  body: string | Uint8Array<ArrayBuffer>
  /** The field that the refusal has to name; null when the body as a whole is bad. */
  field: string | null
}

export interface Schema {
  type?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
  minItems?: number
  patternProperties?: object
}

type Value = string | number | boolean | null | Value[] | { [name: string]: Value }

/** What a handler would take, by the name of the field; the rest is made from its schema. */
const SAMPLES: Record<string, Value> = {
  email: 'somebody@example.com',
  password: 'a long enough passphrase 7',
  new_password: 'a long enough passphrase 7',
  confirm_password: 'a long enough passphrase 7',
  current_password: 'a long enough passphrase 8',
  currency: 'USD',
  phone_number: '+441632960000',
  provision_url: 'https://example.com/provision',
  health_check_url: 'https://example.com/health',
  dashboard_url: 'https://example.com/',
  telegram_bot_token: '1234:abcd',
  occurred_at: '2026-01-31T12:00:00Z',
}

const ABSENT_ID = 900_000_001

/** A body that the schema takes, about things that are not there. */
export function goodBody(schema: Schema, name = ''): Value {
  if (SAMPLES[name] !== undefined) return SAMPLES[name]
  if (schema.enum) return schema.enum[0] as Value
  if (schema.anyOf) return goodBody(schema.anyOf[0] as Schema, name)
  if (schema.type === 'object') {
    const entries = Object.entries(schema.properties ?? {})
    return Object.fromEntries(entries.map(([field, inner]) => [field, goodBody(inner, field)]))
  }
  if (schema.type === 'array') return [goodBody(schema.items as Schema, name)]
  if (schema.type === 'integer') return /(^|_)ids?$/.test(name) ? ABSENT_ID : 1
  if (schema.type === 'boolean') return true
  return 'sample'
}

const RAW = '"<raw>"'
/** JSON of the body with `raw`, JSON text itself, at the place of the field. */
const withRaw = (body: Value, path: string[], raw: string) =>
  JSON.stringify(put(body, path)).replace(RAW, raw)

function put(body: Value, [first, ...rest]: string[]): Value {
  if (first === undefined) return '<raw>'
  if (Array.isArray(body))
    return body.map((item, index) => (String(index) === first ? put(item, rest) : item))
  const fields = body as Record<string, Value>
  return { ...fields, [first]: put(fields[first] ?? null, rest) }
}

function without(body: Value, [first, ...rest]: string[]): Value {
  if (Array.isArray(body))
    return body.map((item, index) => (String(index) === first ? without(item, rest) : item))
  const { [first as string]: inner, ...others } = body as Record<string, Value>
  return rest.length === 0 ? others : { ...others, [first as string]: without(inner as Value, rest) }
}

export const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)

/** Values, as JSON text, that the schema of a field must not take. */
function badValues(schema: Schema): string[] {
  const bad = ['[]', '{}', 'true', '0.5', '"x"', 'null', '1e999', nested(500, '[', ']')]
  if (schema.anyOf) {
    const isNullable = schema.anyOf.some(({ type }) => type === 'null')
    return badValues(schema.anyOf[0] as Schema).filter((value) => !(isNullable && value === 'null'))
  }
  if (schema.enum) return [...bad, '"manager "', '"\\ud800"']
  if (schema.type === 'string') return [...without_(bad, '"x"'), ...badStrings(schema)]
  if (schema.type === 'integer') {
    const { minimum = -Number.MAX_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
    const out = [`${minimum - 1}`, `${maximum + 1}`, '-1e300', '1.0000001', '9007199254740993', '1e20']
    return [...bad, ...out, '"1"', '"NaN"', '"Infinity"', '"1e3"']
  }
  if (schema.type === 'boolean') return [...without_(bad, 'true'), '0', '1', '"true"']
  if (schema.type === 'array') {
    const many = `[${Array.from({ length: (schema.maxItems ?? 1) + 1 }, () => JSON.stringify(goodBody(schema.items as Schema))).join()}]`
    return [...bad, many, '[null]', '[[]]', '[0.5]', '{"0":1,"length":1}']
  }
  if (schema.patternProperties)
    return [...without_(bad, '{}'), '{"a":"\\u0000"}', '{"\\ud800":1}', `{"a":${nested(50, '[', ']')}}`]
  return without_(bad, '{}')
}

const without_ = (values: string[], value: string) => values.filter((each) => each !== value)

function badStrings({ minLength = 0, maxLength = 0 }: Schema) {
  const strings = ['"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', `"${'x'.repeat(maxLength + 1)}"`]
  return minLength > 0 ? [...strings, '""'] : strings
}

/** Every field of the schema, with its path. */
function fieldsOf(
  schema: Schema,
  path: string[] = [],
): { path: string[]; schema: Schema; required: boolean }[] {
  if (schema.type === 'array') return fieldsOf(schema.items as Schema, [...path, '0'])
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    { path: [...path, name], schema: inner, required: schema.required?.includes(name) ?? false },
    ...fieldsOf(inner, [...path, name]),
  ])
}

export function badBodies(schema: Schema): BadBody[] {
  const good = goodBody(schema)
  const text = JSON.stringify(good)
  const cases: BadBody[] = []
  for (const { path, schema: field, required } of fieldsOf(schema)) {
    const name = path.join('.')
    for (const value of badValues(field)) {
      cases.push({ what: `${name} = ${value.slice(0, 40)}`, body: withRaw(good, path, value), field: name })
    }
    if (required) cases.push({ what: `no ${name}`, body: JSON.stringify(without(good, path)), field: name })
  }
  for (const unknown of ['no_such_field', '__proto__', 'constructor', 'toString', 'a.b', '']) {
    const more = `${text.slice(0, -1)}${text === '{}' ? '' : ','}${JSON.stringify(unknown)}:{"x":1}}`
    cases.push({ what: `unknown field ${JSON.stringify(unknown)}`, body: more, field: unknown })
  }
  return cases
}

/** Bodies that are bad whatever the schema. */
export function badDocuments(schema: Schema): BadBody[] {
  const text = JSON.stringify(goodBody(schema))
  const bytes = new TextEncoder().encode(`{"x":"`)
  const documents: Record<string, string | Uint8Array<ArrayBuffer>> = {
    null: 'null',
    'an array': `[${text}]`,
    'a string': JSON.stringify(text),
    'a number': '5',
    NaN: 'NaN',
    nothing: '',
    'half of it': text.slice(0, -1),
    twice: text + text,
    'single quotes': text.replaceAll('"', "'").replace('{}', "{'x':1}"),
    'arrays, 10,000 deep': nested(10_000, '[', ']'),
    'objects, 10,000 deep': `${'{"x":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    'a field, 10,000 deep': `{"x":${nested(10_000, '[', ']')}}`,
    'broken UTF-8': new Uint8Array([...bytes, 0xc3, 0x28, 0x22, 0x7d]),
    'UTF-8 of a surrogate': new Uint8Array([...bytes, 0xed, 0xa0, 0x80, 0x22, 0x7d]),
    'UTF-16': new Uint8Array([0xff, 0xfe, ...[...text].flatMap((char) => [char.charCodeAt(0), 0])]),
    'a NUL in a name': '{"\\u0000":1}',
  }
  return Object.entries(documents).map(([what, body]) => ({ what, body, field: null }))
}
