import type { Api } from '../../api/schema.ts'

export type Entry = Api['GET /api/admin/audit']['reply']['entries'][number]

/** What staff can do that the trail records; filters offer these. */
export const ACTIONS = [
  'user.create',
  'user.update',
  'user.role',
  'user.activate',
  'user.deactivate',
  'user.export',
  'usage.export',
  'tokens.adjust',
  'usage.reverse',
  'automation.create',
  'automation.update',
  'automation.delete',
  'automation.health_check',
  'automation.generate_service_token',
  'automation.rotate_service_token',
  'automation.revoke_service_token',
  'performance.apply',
  'performance.undo',
] as const

export const TYPES = ['user', 'automation', 'user_automation', 'token_usage', 'database'] as const
