import type { TObject, TSchema } from 'typebox'
import type { Route } from './route.ts'

/** JSON Schema as typebox writes it; what else a schema may have goes through untouched. */
export type Schema = TSchema & {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}

interface Operation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, unknown>
  security: Record<string, string[]>[]
  'x-caller': string
  'x-target-ms': number
}

type Content = Record<string, { schema?: unknown }>

export interface OpenApi {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

const DESCRIPTION = `A self-hosted platform on which automations are sold as prepaid tokens.

Times in replies are ISO 8601 UTC. Tokens and money are whole numbers. Lists have pages: send \`next_cursor\` back as
\`cursor\`. Every error is application/problem+json with a stable \`code\`. \`x-caller\` says who may call, \`x-target-ms\`
within which time the server means to answer.`

/** The routes as OpenAPI 3.1; the same routes always give the same document. */
export function openApiOf(routes: readonly Route[], version: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    const path = templateOf(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Zimmer',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: COMPONENTS,
  }
}

/** `/api/things/:id` → `/api/things/{id}`. */
export const templateOf = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}')

function operationOf(route: Route): Operation {
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...parametersOf(route.headers, 'header'),
  ]
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: route.body } } },
    }),
    responses: {
      [String(route.status ?? 200)]: replyOf(route),
      default: { $ref: '#/components/responses/Problem' },
    },
    security: securityOf(route),
    'x-caller': route.caller.name,
    'x-target-ms': route.targetMs,
  }
}

function parametersOf(schema: TObject | undefined, where: Parameter['in']): Parameter[] {
  const { properties = {}, required = [] } = (schema ?? {}) as Partial<Schema>
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }))
}

function replyOf({ reply, produces, limit, summary }: Route) {
  const content: Content | undefined = reply
    ? { 'application/json': { schema: reply } }
    : produces
      ? { [produces]: { schema: { type: 'string' } } }
      : undefined
  const headers = limit && {
    'RateLimit-Limit': { $ref: '#/components/headers/RateLimit' },
    'RateLimit-Remaining': { $ref: '#/components/headers/RateLimit' },
    'RateLimit-Reset': { $ref: '#/components/headers/RateLimit' },
  }
  return { description: summary, ...(headers && { headers }), ...(content && { content }) }
}

function securityOf({ caller }: Route): Record<string, string[]>[] {
  if (caller.security === 'bearer') return [{ bearer: [] }]
  if (caller.security === 'service-token') return [{ serviceToken: [] }]
  return []
}

/** GET /api/things/:id → getApiThingsById. */
function operationId({ method, path }: Route) {
  const words = path.split(/[/.-]/).filter(Boolean)
  const names = words.map((word) => (word.startsWith(':') ? `By_${word.slice(1)}` : word))
  const camel = names.flatMap((name) => name.split('_')).map((word) => word[0]?.toUpperCase() + word.slice(1))
  return method.toLowerCase() + (camel.join('') || 'Root')
}

const COMPONENTS = {
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    serviceToken: { type: 'apiKey', in: 'header', name: 'X-Zimmer-Service-Token' },
  },
  headers: {
    RateLimit: { description: 'Requests per window and address; seconds', schema: { type: 'integer' } },
  },
  responses: {
    Problem: {
      description: 'Refused, or failed: RFC 9457',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
  schemas: {
    Problem: {
      type: 'object',
      required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
      properties: {
        type: { type: 'string', description: 'urn:zimmer:problem: and the code' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { type: 'string', description: 'Stable: meant for programs' },
        detail: { type: 'string', description: 'Meant for people' },
        requestId: { type: 'string', description: 'Finds the request in the log' },
        errors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['field', 'message'],
            properties: {
              field: { type: 'string', description: 'Path in the input: events.3.units' },
              message: { type: 'string' },
              code: {
                type: 'string',
                description: 'The rule: a keyword of JSON Schema, or the type or format that is asked for',
              },
              limit: { type: 'number', description: 'The bound of the rule, where it has one' },
            },
          },
        },
      },
    },
  },
}
