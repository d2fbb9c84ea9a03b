import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { testZimmer } from '../../test/zimmer.ts'
import { openApiOf } from '../http/openapi.ts'
import { allRoutes } from '../routes.ts'

interface Operation {
  operationId: string
  parameters?: { name: string; in: string; required: boolean }[]
  security: object[]
  responses: Record<string, { content?: object; $ref?: string }>
}

describe('GET /openapi.json', () => {
  test('it has every route, once, with who may call', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { status, body } = await zimmer.anyone.get('/openapi.json')
    expect(status).toBe(200)
    expect(body.openapi).toBe('3.1.0')
    const routes = allRoutes(zimmer.app)
    const operations = Object.values(body.paths).flatMap((path) =>
      Object.values(path as object),
    ) as Operation[]
    expect(operations).toHaveLength(routes.length)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length)
    expect(
      operations.every(({ responses }) => responses.default?.$ref === '#/components/responses/Problem'),
    ).toBe(true)
    expect(body.paths['/api/me'].get.security).toEqual([{ bearer: [] }])
    expect(body.paths['/api/automation-usage/consume'].post.security).toEqual([{ serviceToken: [] }])
    expect(body.paths['/api/auth/login'].post.security).toEqual([])
  })

  test('every word in braces of a path is a parameter, and the other way round', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { paths } = openApiOf(allRoutes(zimmer.app), '1')
    for (const [path, methods] of Object.entries(paths)) {
      const words = [...path.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)
      for (const { parameters = [] } of Object.values(methods)) {
        const named = parameters.filter((parameter) => parameter.in === 'path')
        expect(named.map(({ name }) => name)).toEqual(words as string[])
        expect(named.every(({ required }) => required)).toBe(true)
      }
    }
  })

  test('every reference leads somewhere', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { text, body } = await zimmer.anyone.get('/openapi.json')
    for (const [, reference] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference?.split('/').reduce((at, word) => at?.[word], body)
      expect(target).toBeObject()
    }
  })

  test('openapi.json in the repository is this document', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { body } = await zimmer.anyone.get('/openapi.json')
    const stored = await Bun.file(`${import.meta.dir}/../../openapi.json`).json()
    // Else: bin/zimmer openapi
    expect(Bun.deepEquals(stored, body)).toBe(true)
  })
})

describe('GET /docs and /', () => {
  test('it has every route, and its policy allows its own style and nothing else', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { status, text, headers } = await zimmer.anyone.get('/docs')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    for (const { method, path } of allRoutes(zimmer.app)) {
      const shown = path.replaceAll(/:(\w+)/g, '{$1}').replaceAll('/', '/<wbr>')
      expect(text).toContain(`<b class="${method}">${method}</b> <code>${shown}</code>`)
    }
    const [, style] = text.match(/<style>([\s\S]*)<\/style>/) as RegExpMatchArray
    const hash = createHash('sha256')
      .update(style as string)
      .digest('base64')
    expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(text).not.toMatch(/<script|<link|<img|<iframe|style=|\son\w+=|src=|https?:\/\//)
  })

  test('every link within the page leads somewhere, and no name is given twice', async () => {
    await using zimmer = await testZimmer('sqlite')
    const { text } = await zimmer.anyone.get('/docs')
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
  })
})
