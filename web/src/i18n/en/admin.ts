import { automations } from './admin/automations.ts'
import { users } from './admin/users.ts'
import { work } from './admin/work.ts'

/** Texts of the pages of staff. */
export const admin = {
  title: 'Dashboard',
  never: 'Never',
  none: 'None',
  edit: 'Edit',
  commandLine: 'The command line',
  typeEmail: 'To go on, type {{email}}',
  tokens_one: '{{count, number}} token',
  tokens_other: '{{count, number}} tokens',
  nav: {
    dashboard: 'Dashboard',
    users: 'Users',
    automations: 'Automations',
    subscriptions: 'Subscriptions',
    adjustments: 'Adjustments',
    usage: 'Usage',
    performance: 'Performance',
    audit: 'Audit trail',
    staff: 'Staff and roles',
  },
  list: {
    end_one: 'That is all: {{count, number}}',
    end_other: 'That is all: {{count, number}}',
    clear: 'Clear filters',
    any: '{{what}}: any',
    from: 'From',
    to: 'To',
    utc: 'Days are counted in UTC.',
  },
  state: { active: 'Active', inactive: 'Deactivated', verified: 'Verified', unverified: 'Not verified' },
  status: { active: 'Active', paused: 'Paused', cancelled: 'Cancelled' },
  setUp: {
    failed: 'Failed',
    pending: 'Under way',
    connected: 'Set up',
    not_configured: 'Not set up',
  },
  /** Refusals of the server, by their code. */
  codes: {
    no_such_service_token: 'There is no such service token, or it is revoked.',
    already_there: 'There is one like it already, so nothing was changed.',
    admin_access_required:
      'Your role may look at this, but not change it. A manager or the technical team can.',
    managers_only: 'Only managers may do this.',
    last_manager: 'This is the last active manager. Make somebody else a manager first.',
    staff_account: 'This is an account of staff: only managers change it.',
    no_such_user: 'There is no such user.',
    no_such_manager: 'There is no such staff account.',
    no_such_automation: 'There is no such automation.',
    no_such_subscription: 'There is no such subscription.',
    automation_in_use:
      'Somebody has added this automation, so it stays. Take it off the marketplace instead.',
    automation_name_taken: 'Another automation has this name.',
    automation_changed: 'Somebody else has changed this automation meanwhile. Load it again.',
    no_health_check_url: 'It has no health check address yet.',
    tokens_insufficient: 'There are not that many tokens left to take.',
    subscription_cancelled: 'This subscription is cancelled: its balance no longer changes.',
    key_reused: 'This attempt was already used for something else. Start again.',
  },
  ...users,
  ...automations,
  ...work,
} as const
