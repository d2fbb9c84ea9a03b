/**
 * npm run web:api: the types of the web app's client, web/src/api/schema*.ts, from openapi.json; with --check it only
 * says whether they are up to date. Ours, because the schemas that typebox writes need a page of code, and the
 * usual generator wants a TypeScript of its own.
 */
import openapi from '../openapi.json' with { type: 'json' }

interface Schema {
  $ref?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}

const paths = openapi.paths as unknown as Record<string, Record<string, Operation>>
const components = openapi.components as unknown as { schemas: Record<string, Schema> }

function typeOf(schema: Schema): string {
  if (schema.$ref) return typeOf(components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((one) => `(${typeOf(one)})`).join(' | ')
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ')
  if (schema.type === 'array') return `(${typeOf(schema.items ?? {})})[]`
  if (schema.type === 'object' || schema.properties) return objectOf(schema)
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (schema.type === 'string' || schema.type === 'boolean' || schema.type === 'null') return schema.type
  return 'unknown'
}

function objectOf({ properties, required = [], additionalProperties, patternProperties }: Schema): string {
  const fields = Object.entries(properties ?? {}).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  const [rest] = Object.values(patternProperties ?? {})
  const others = rest ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  if (fields.length === 0) return others ? `Record<string, ${typeOf(others)}>` : 'Record<string, unknown>'
  return `{ ${fields.join('; ')} }`
}

function parametersIn(place: string, { parameters = [] }: Operation): string {
  const found = parameters.filter((parameter) => parameter.in === place)
  if (found.length === 0) return 'undefined'
  const fields = found.map(
    ({ name, required, schema }) => `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
  )
  return `{ ${fields.join('; ')} }`
}

function replyOf({ responses }: Operation): string {
  const [, reply] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? []
  const [media, content] = Object.entries(reply?.content ?? {})[0] ?? []
  if (!media) return 'undefined'
  return media.includes('json') ? typeOf(content?.schema ?? {}) : 'string'
}

const lines = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const body = operation.requestBody?.content['application/json']?.schema
    return {
      isForStaff: path.startsWith('/api/admin/'),
      text: `  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: {
    path: ${parametersIn('path', operation)}
    query: ${parametersIn('query', operation)}
    body: ${body ? typeOf(body) : 'undefined'}
    reply: ${replyOf(operation)}
  }`,
    }
  }),
)
const NOTE = "// Generated from openapi.json by `npm run web:api`. Don't edit."
const interfaceOf = (name: string, isForStaff: boolean) => `${NOTE}

export interface ${name} {
${lines
  .filter((line) => line.isForStaff === isForStaff)
  .map(({ text }) => text)
  .join('\n')}
}
`
const files = {
  'schema.ts': `${NOTE}
import type { AdminApi } from './schema-admin.ts'
import type { CustomerApi } from './schema-customer.ts'

/** Every endpoint: what it takes, and what it answers when all is well. */
export interface Api extends AdminApi, CustomerApi {}
`,
  'schema-admin.ts': interfaceOf('AdminApi', true),
  'schema-customer.ts': interfaceOf('CustomerApi', false),
}

for (const [name, text] of Object.entries(files)) {
  const file = Bun.file(`${import.meta.dir}/../web/src/api/${name}`)
  if (!process.argv.includes('--check')) await file.write(text)
  else if ((await file.text().catch(() => '')) !== text) {
    console.log(`web/src/api/${name} is not what openapi.json says: npm run web:api`)
    process.exitCode = 1
  }
}
