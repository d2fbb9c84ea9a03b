import Type from 'typebox'
import { recordAction } from '../../accounts/accounts.ts'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterId, cursorOf, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { type Route, route } from '../../http/route.ts'
import { cut } from '../../lib/keyset.ts'
import { iso, isoOrNull } from '../../lib/time.ts'
import { findAutomation } from '../automations.ts'
import {
  issueServiceToken,
  revokeServiceToken,
  rotateServiceTokens,
  SCOPES,
  serviceTokensPage,
} from '../service-tokens.ts'
import { automationId, byStaff, Id, MaybeTime, STAFF_TAG } from './fields.ts'

const DEFAULT_OVERLAP_S = 86_400
const MAX_OVERLAP_S = 2_592_000

const Scopes = Type.Array(Type.Enum([...SCOPES]), {
  minItems: 1,
  maxItems: SCOPES.length,
  uniqueItems: true,
  description: 'All there are unless given',
})

const shownOnce = {
  service_token: Type.String({ description: 'Shown now and never again' }),
  token_id: Type.Integer(),
  prefix: Type.String(),
  automation_id: Type.Integer(),
  scopes: Type.Array(Type.String()),
  message: Type.String(),
}
const MESSAGE = 'Keep this token now: it is not shown again'

const ServiceToken = Type.Object({
  id: Type.Integer(),
  prefix: Type.String(),
  scopes: Type.Array(Type.String()),
  is_live: Type.Boolean(),
  created_by: Type.Union([Type.Integer(), Type.Null()]),
  created_at: Type.String(),
  last_used_at: MaybeTime,
  expires_at: MaybeTime,
  revoked_at: MaybeTime,
})

export function serviceTokenRoutes(app: App): Route[] {
  const { staff, admins } = callers(app)
  const { jwtSecret } = app.config
  return [
    route({
      method: 'POST',
      path: '/api/admin/automations/:id/generate-service-token',
      summary: 'One more service token, shown once',
      tag: STAFF_TAG,
      caller: admins,
      params: automationId,
      body: Type.Object({ scopes: Type.Optional(Scopes) }, { additionalProperties: false }),
      reply: Type.Object(shownOnce),
      status: 201,
      targetMs: 800,
      handle: ({ caller, params: { id }, body: { scopes = SCOPES }, request }) =>
        app.write(async (tx) => {
          const issue = { automationId: id, scopes, staffId: caller.userId, jwtSecret }
          const issued = await issueServiceToken(tx, issue)
          const after = { token_id: issued.id, prefix: issued.prefix, scopes }
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.generate_service_token', after })
          return {
            ...after,
            service_token: issued.token,
            automation_id: id,
            scopes: [...scopes],
            message: MESSAGE,
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/admin/automations/:id/rotate-token',
      summary: 'A service token in the place of the live ones, which end after the overlap',
      tag: STAFF_TAG,
      caller: admins,
      params: automationId,
      body: Type.Object(
        {
          overlap_seconds: Type.Optional(
            Type.Integer({ minimum: 0, maximum: MAX_OVERLAP_S, description: 'A day unless given' }),
          ),
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        ...shownOnce,
        ending_token_ids: Type.Array(Type.Integer(), { description: 'Of the tokens that now end' }),
        ending_at: Type.String(),
      }),
      status: 201,
      targetMs: 800,
      handle: ({ caller, params: { id }, body, request }) =>
        app.write(async (tx) => {
          const { overlap_seconds: overlapSeconds = DEFAULT_OVERLAP_S } = body
          const issue = { automationId: id, staffId: caller.userId, jwtSecret, overlapSeconds }
          const issued = await rotateServiceTokens(tx, issue)
          const ending = { ending_token_ids: issued.ending, ending_at: iso(issued.endingAt) }
          const after = { token_id: issued.id, prefix: issued.prefix, ...ending }
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.rotate_service_token', after })
          return {
            ...after,
            service_token: issued.token,
            automation_id: id,
            scopes: [...SCOPES],
            message: MESSAGE,
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/admin/automations/:id/service-tokens',
      summary: 'The service tokens of an automation, newest first, by their prefix',
      tag: STAFF_TAG,
      caller: staff,
      params: automationId,
      query: Type.Object(pageQuery, { additionalProperties: false }),
      reply: Type.Object({ service_tokens: Type.Array(ServiceToken), next_cursor: NextCursor }),
      targetMs: 800,
      handle: async ({ params: { id }, query }) => {
        await findAutomation(app.db, id)
        const limit = limitOf(query)
        const page = { automationId: id, before: afterId(query), limit: limit + 1 }
        const { rows, last } = cut(await serviceTokensPage(app.db, page), limit)
        const now = app.clock()
        return { service_tokens: rows.map((row) => shown(row, now)), next_cursor: cursorOf(last?.id ?? null) }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/admin/automations/:id/service-tokens/:tokenId',
      summary: 'Revoke a service token, at once',
      tag: STAFF_TAG,
      caller: admins,
      params: Type.Object({ id: Id, tokenId: Id }, { additionalProperties: false }),
      reply: Type.Object({ message: Type.String(), token_id: Type.Integer() }),
      targetMs: 800,
      handle: ({ caller, params: { id, tokenId }, request }) =>
        app.write(async (tx) => {
          const revoked = await revokeServiceToken(tx, { automationId: id, tokenId })
          const before = { token_id: tokenId, prefix: revoked.prefix }
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.revoke_service_token', before })
          return { message: 'The service token is revoked', token_id: tokenId }
        }),
    }),
  ]
}

type Row = Awaited<ReturnType<typeof serviceTokensPage>>[number]

const shown = (row: Row, now: number) => ({
  id: row.id,
  prefix: row.prefix,
  scopes: row.scopes.split(' '),
  is_live: row.revoked_at === null && (row.expires_at === null || row.expires_at > now),
  created_by: row.created_by,
  created_at: iso(row.created_at),
  last_used_at: isoOrNull(row.last_used_at),
  expires_at: isoOrNull(row.expires_at),
  revoked_at: isoOrNull(row.revoked_at),
})
