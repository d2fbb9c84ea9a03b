// Generated from openapi.json by `npm run web:api`. Don't edit.
import type { AdminApi } from './schema-admin.ts'
import type { CustomerApi } from './schema-customer.ts'

/** Every endpoint: what it takes, and what it answers when all is well. */
export interface Api extends AdminApi, CustomerApi {}
