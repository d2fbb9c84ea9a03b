import type { Api } from '../../api/schema.ts'

export type User = Api['GET /api/admin/users/{id}']['reply']
