import Type from 'typebox'
import { anyone } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterId, cursorOf, limitOf, pageQuery } from '../../http/page.ts'
import { type Outgoing, type Route, route } from '../../http/route.ts'
import { cut } from '../../lib/keyset.ts'
import { listedAutomation, listedAutomations, PublicAutomation, publicAutomation } from '../marketplace.ts'
import { automationId } from './fields.ts'

const TAG = 'Marketplace'
const PAGE = 100
const ofCatalogue = { ttlSeconds: 600, tags: () => ['automations'] }

export function marketplaceRoutes(app: App): Route[] {
  const list = async (path: string, query: { limit?: number; cursor?: string }, reply: Outgoing) => {
    const limit = limitOf(query, PAGE)
    const found = await listedAutomations(app.db, { after: afterId(query), limit: limit + 1 })
    const { rows, last } = cut(found, limit)
    // The contract's array has no place for a cursor.
    if (last) reply.header('link', `<${path}?limit=${limit}&cursor=${cursorOf(last.id)}>; rel="next"`)
    return rows.map(publicAutomation)
  }
  const listing = (path: string, summary: string) =>
    route({
      method: 'GET',
      path,
      summary,
      tag: TAG,
      caller: anyone,
      query: Type.Object(pageQuery, { additionalProperties: false }),
      reply: Type.Array(PublicAutomation),
      targetMs: 1_000,
      cache: ofCatalogue,
      handle: ({ query, reply }) => list(path, query, reply),
    })
  return [
    listing('/api/automations/marketplace', 'Automations on sale: listed and healthy'),
    listing('/api/automations/available', 'The same, under its other name'),
    route({
      method: 'GET',
      path: '/api/automations/:id',
      summary: 'One automation on sale',
      tag: TAG,
      caller: anyone,
      params: automationId,
      reply: PublicAutomation,
      targetMs: 1_000,
      cache: ofCatalogue,
      handle: async ({ params }) => publicAutomation(await listedAutomation(app.db, params.id)),
    }),
  ]
}
