import Type from 'typebox'
import type { Principal } from '../../accounts/callers.ts'
import type { Incoming } from '../../http/incoming.ts'

/** Where staff manage automations. */
export const STAFF_TAG = 'Staff: automations'

export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

/** `/…/:id` of an automation. */
export const automationId = Type.Object({ id: Id }, { additionalProperties: false })

export const MaybeTime = Type.Union([Type.String(), Type.Null()])

/** Who acts on which automation, for the audit trail. */
export const byStaff = (caller: Principal, request: Incoming, automationId: number) => ({
  staffId: caller.userId,
  ip: request.address,
  requestId: request.id,
  targetType: 'automation',
  targetId: automationId,
})
