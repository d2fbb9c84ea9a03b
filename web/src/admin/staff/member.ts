import type { Api } from '../../api/schema.ts'

export type Member = Api['GET /api/admin/users/managers']['reply']['managers'][number]
