import Type from 'typebox'
import { recordAction } from '../../accounts/accounts.ts'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { Refusal } from '../../lib/refusal.ts'
import { iso } from '../../lib/time.ts'
import { findAutomation } from '../automations.ts'
import { recordHealth } from '../health.ts'
import { askHealth } from '../jobs.ts'
import { HealthStatusName } from '../marketplace.ts'
import { automationId, byStaff, STAFF_TAG } from './fields.ts'

const MaybeText = Type.Union([Type.String(), Type.Null()])

export const HealthDetails = Type.Object({
  message: Type.String(),
  http_status: Type.Union([Type.Integer(), Type.Null()]),
  service_status: MaybeText,
  version: MaybeText,
  uptime: MaybeText,
})

export function healthRoutes(app: App): Route[] {
  const { admins } = callers(app)
  return [
    route({
      method: 'POST',
      path: '/api/admin/automations/:id/health-check',
      summary: 'Ask the service how it is, now: three times 5 s at most',
      tag: STAFF_TAG,
      caller: admins,
      params: automationId,
      body: Type.Object({}, { additionalProperties: false }),
      reply: Type.Object({
        automation_id: Type.Integer(),
        health_status: HealthStatusName,
        is_listed: Type.Boolean(),
        last_health_at: Type.String(),
        details: HealthDetails,
      }),
      limit: { points: 60, seconds: 60 },
      targetMs: 800,
      handle: async ({ caller, params: { id }, request }) => {
        const { health_check_url: url } = await findAutomation(app.db, id)
        if (url === null) {
          const message = 'This automation has no health_check_url; give it one first'
          throw new Refusal('conflict', 'no_health_check_url', message)
        }
        const health = await askHealth(app, url)
        return app.write(async (tx) => {
          const row = await recordHealth(tx, { id, url }, health)
          if (!row) throw changedMeanwhile()
          const after = { health_status: health.status, message: health.details.message }
          const by = byStaff(caller, request, id)
          await recordAction(tx, { ...by, action: 'automation.health_check', after })
          return {
            automation_id: id,
            health_status: row.health_status,
            is_listed: row.is_listed === 1,
            last_health_at: iso(tx.now),
            details: health.details,
          }
        })
      },
    }),
  ]
}

const changedMeanwhile = () =>
  new Refusal('conflict', 'automation_changed', 'The automation was changed during the check; check again')
