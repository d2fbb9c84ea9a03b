import type { Tx } from '../storage/storage.ts'

/** Who acts, and from where: what an entry of the audit trail says of its author. */
export interface Actor {
  /** Null when the command line acts. */
  staffId: number | null
  ip?: string | null
  requestId?: string | null
}

export interface StaffAction extends Actor {
  /** `user.deactivate`, `automation.update`, … */
  action: string
  targetType: string
  targetId: number | null
  before?: object | null
  after?: object | null
}

const json = (fields: object | null | undefined) => (fields ? JSON.stringify(fields) : null)

/** Adds to the audit trail, in the transaction of the action itself. */
export async function recordAction(tx: Tx, action: StaffAction): Promise<void> {
  await recordActions(tx, [action])
}

/** As `recordAction`, in one statement. */
export async function recordActions(tx: Tx, actions: readonly StaffAction[]): Promise<void> {
  if (actions.length === 0) return
  await tx
    .insertInto('audit_log')
    .values(
      actions.map((action) => ({
        staff_id: action.staffId,
        action: action.action,
        target_type: action.targetType,
        target_id: action.targetId,
        before: json(action.before),
        after: json(action.after),
        ip: action.ip ?? null,
        request_id: action.requestId ?? null,
        created_at: tx.now,
      })),
    )
    .execute()
}
