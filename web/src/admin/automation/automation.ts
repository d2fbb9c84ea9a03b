import type { Api } from '../../api/schema.ts'

/** As staff see it. */
export type Automation = Api['GET /api/admin/automations/{id}']['reply']
