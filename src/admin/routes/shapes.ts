import Type from 'typebox'

export const Id = Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 })
export const ById = Type.Object({ id: Id }, { additionalProperties: false })

const Text = Type.Union([Type.String(), Type.Null()])

export const UserFields = {
  id: Type.Integer(),
  email: Type.String(),
  name: Type.String(),
  phone_number: Text,
  role: Type.String(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  email_verified: Type.Boolean(),
  last_login_at: Text,
  created_at: Type.String(),
}

export const UserAutomation = Type.Object({
  id: Type.Integer(),
  user_id: Type.Integer(),
  user_name: Type.String(),
  user_email: Type.String(),
  automation_id: Type.Integer(),
  automation_name: Type.String(),
  status: Type.String(),
  integration_status: Type.String(),
  tokens_remaining: Type.Integer({ description: 'Demo and paid together' }),
  demo_tokens: Type.Integer(),
  paid_tokens: Type.Integer(),
  provisioned_at: Text,
  created_at: Type.String(),
})

export const Usage = Type.Object({
  id: Type.Integer(),
  tokens_used: Type.Integer({ description: 'Negative for the reversal of an earlier usage' }),
  usage_type: Type.String(),
  description: Type.String(),
  created_at: Type.String(),
})

export const Used = Type.Object({ tokens: Type.Integer(), events: Type.Integer() })

export const UserInFull = Type.Object({
  ...UserFields,
  automations_count: Type.Integer(),
  tokens_remaining: Type.Integer(),
  automations: Type.Array(UserAutomation),
  sessions: Type.Array(
    Type.Object({
      id: Type.Integer(),
      ip: Text,
      user_agent: Text,
      created_at: Type.String(),
      last_used_at: Type.String(),
      expires_at: Type.String(),
    }),
  ),
  usage: Type.Object({
    recent: Type.Array(Usage),
    reversals: Type.Array(Usage),
    last_30_days: Used,
  }),
  adjustments: Type.Array(
    Type.Object({
      id: Type.Integer(),
      user_automation_id: Type.Integer(),
      delta_tokens: Type.Integer(),
      reason: Type.String(),
      note: Text,
      balance_after: Type.Integer(),
      staff_id: Type.Union([Type.Integer(), Type.Null()]),
      staff_name: Text,
      created_at: Type.String(),
    }),
  ),
})
