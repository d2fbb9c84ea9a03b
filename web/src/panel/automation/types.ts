import type { Api } from '../../api/schema.ts'

/** As it is on sale. */
export type Offer = Api['GET /api/automations/{id}']['reply']
/** The customer's own. */
export type Subscription = NonNullable<Api['GET /api/user/automations/{id}']['reply']['user_automation']>
