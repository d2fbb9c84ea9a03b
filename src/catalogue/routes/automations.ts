import Type, { type Static } from 'typebox'
import { recordAction } from '../../accounts/accounts.ts'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterId, cursorOf, limitOf, NextCursor, pageQuery } from '../../http/page.ts'
import { type Route, route } from '../../http/route.ts'
import { cut } from '../../lib/keyset.ts'
import { iso, isoOrNull } from '../../lib/time.ts'
import {
  type AutomationRow,
  automationsPage,
  createAutomation,
  deleteAutomation,
  findAutomation,
  updateAutomation,
} from '../automations.ts'
import type { NewAutomation } from '../fields.ts'
import { HealthStatusName, PublicAutomation, publicAutomation } from '../marketplace.ts'
import { automationId, byStaff, MaybeTime, STAFF_TAG } from './fields.ts'
import { HealthDetails } from './health.ts'

const WebUrl = Type.Union([Type.String({ minLength: 1, maxLength: 2_000 }), Type.Null()])
const PricingTypeName = Type.Enum(['token_per_session', 'token_per_step', 'flat_fee'])

const required = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  description: Type.String({ maxLength: 5_000 }),
  pricing_type: PricingTypeName,
  price_per_token: Type.Integer({
    minimum: 0,
    maximum: 1_000_000_000,
    description: 'Minor units of the currency',
  }),
}
const optional = {
  currency: Type.String({ minLength: 3, maxLength: 3, description: 'ISO 4217; USD unless given' }),
  demo_tokens: Type.Integer({ minimum: 0, maximum: 1_000_000, description: '5 unless given' }),
  provision_url: WebUrl,
  health_check_url: WebUrl,
  dashboard_url: WebUrl,
  is_listed: Type.Boolean({ description: 'On sale while it is healthy as well; true unless given' }),
}

const NewBody = Type.Object(
  { ...required, ...Type.Partial(Type.Object(optional)).properties },
  { additionalProperties: false },
)
const ChangeBody = Type.Partial(Type.Object({ ...required, ...optional }), {
  additionalProperties: false,
  minProperties: 1,
})

const StaffAutomation = Type.Object({
  ...PublicAutomation.properties,
  is_on_sale: Type.Boolean({ description: 'Listed and healthy' }),
  provision_url: WebUrl,
  health_check_url: WebUrl,
  dashboard_url: WebUrl,
  health_details: Type.Union([HealthDetails, Type.Null()]),
  last_health_at: MaybeTime,
  updated_at: Type.String(),
})

const staffAutomation = (row: AutomationRow) => ({
  ...publicAutomation(row),
  is_on_sale: row.is_listed === 1 && row.health_status === 'healthy',
  provision_url: row.provision_url,
  health_check_url: row.health_check_url,
  dashboard_url: row.dashboard_url,
  health_details: row.health_details === null ? null : JSON.parse(row.health_details),
  last_health_at: isoOrNull(row.last_health_at),
  updated_at: iso(row.updated_at),
})

export function automationRoutes(app: App): Route[] {
  const { staff, admins } = callers(app)
  return [
    route({
      method: 'GET',
      path: '/api/admin/automations',
      summary: 'All automations, newest first',
      tag: STAFF_TAG,
      caller: staff,
      query: Type.Object(
        {
          search: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'In the name' })),
          is_listed: Type.Optional(Type.Boolean()),
          health_status: Type.Optional(HealthStatusName),
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({ automations: Type.Array(StaffAutomation), next_cursor: NextCursor }),
      targetMs: 800,
      handle: async ({ query }) => {
        const limit = limitOf(query)
        const { search, is_listed, health_status } = query
        const filters = { search, isListed: is_listed, healthStatus: health_status }
        const page = { ...filters, before: afterId(query), limit: limit + 1 }
        const { rows, last } = cut(await automationsPage(app.db, page), limit)
        return { automations: rows.map(staffAutomation), next_cursor: cursorOf(last?.id ?? null) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/admin/automations/:id',
      summary: 'One automation',
      tag: STAFF_TAG,
      caller: staff,
      params: automationId,
      reply: StaffAutomation,
      targetMs: 800,
      handle: async ({ params }) => staffAutomation(await findAutomation(app.db, params.id)),
    }),
    route({
      method: 'POST',
      path: '/api/admin/automations',
      summary: 'Create an automation',
      tag: STAFF_TAG,
      caller: admins,
      body: NewBody,
      reply: StaffAutomation,
      status: 201,
      targetMs: 800,
      handle: ({ caller, body, request }) =>
        app.write(async (tx) => {
          const { id } = await createAutomation(tx, fieldsOf(body))
          const row = await findAutomation(tx, id)
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.create', after: row })
          return staffAutomation(row)
        }),
    }),
    route({
      method: 'PUT',
      path: '/api/admin/automations/:id',
      summary: 'Change what is given of an automation; list or unlist it',
      tag: STAFF_TAG,
      caller: admins,
      params: automationId,
      body: ChangeBody,
      reply: StaffAutomation,
      targetMs: 800,
      handle: ({ caller, params: { id }, body, request }) =>
        app.write(async (tx) => {
          const change = await updateAutomation(tx, id, fieldsOf(body))
          const by = byStaff(caller, request, id)
          if (change) await recordAction(tx, { ...by, action: 'automation.update', ...change })
          return staffAutomation(await findAutomation(tx, id))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/api/admin/automations/:id',
      summary: 'Delete an automation that nobody ever added',
      tag: STAFF_TAG,
      caller: admins,
      params: automationId,
      reply: Type.Object({ message: Type.String() }),
      targetMs: 800,
      handle: ({ caller, params: { id }, request }) =>
        app.write(async (tx) => {
          const before = await deleteAutomation(tx, id)
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.delete', before })
          return { message: 'The automation is deleted' }
        }),
    }),
  ]
}

function fieldsOf(body: Static<typeof NewBody>): NewAutomation
function fieldsOf(body: Static<typeof ChangeBody>): Partial<NewAutomation>
function fieldsOf(body: Static<typeof ChangeBody>): Partial<NewAutomation> {
  return {
    name: body.name?.trim(),
    description: body.description,
    pricingType: body.pricing_type,
    pricePerToken: body.price_per_token,
    currency: body.currency,
    demoTokens: body.demo_tokens,
    provisionUrl: body.provision_url,
    healthCheckUrl: body.health_check_url,
    dashboardUrl: body.dashboard_url,
    isListed: body.is_listed,
  }
}
