import { type Role, useSession } from '../../api/session.ts'

/** What each role may do; the server decides, this only keeps what it would refuse off the page. */
export function useMay() {
  const session = useSession()
  const role: Role = 'role' in session ? session.role : 'customer'
  return {
    role,
    userId: 'userId' in session ? session.userId : 0,
    /** Change customers, balances and automations. */
    change: role === 'manager' || role === 'technical_team',
    /** Give and take roles. */
    manage: role === 'manager',
  }
}
