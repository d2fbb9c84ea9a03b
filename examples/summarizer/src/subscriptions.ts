import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { newSecret, sameSecret } from './secret.ts'

/** A customer's subscription to this service. The key is what the customer calls it with. */
export type Subscription = { userAutomationId: number; userId: number; key: string; provisionedAt: string }

/**
 * The subscriptions that Zimmer has provisioned, in one JSON file that is rewritten whole; they are few, and
 * change seldom. One process at a time may use the folder.
 */
export class Subscriptions {
  private readonly path: string
  private all: ReadonlyMap<number, Subscription>

  /** @throws Error when the folder can't be made, or the file isn't what this class writes. */
  constructor(private readonly folder: string) {
    this.path = join(folder, 'subscriptions.json')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.all = new Map(load(this.path).map((subscription) => [subscription.userAutomationId, subscription]))
  }

  /**
   * Remembers a subscription, on disk before it returns. Again the same one: nothing changes, and its key
   * stays. With another user the old key stops working, for then it was another database's subscription.
   */
  provision(userAutomationId: number, userId: number): Subscription {
    const earlier = this.all.get(userAutomationId)
    if (earlier?.userId === userId) return earlier
    // The id in front finds the subscription, so that only one secret has to be compared.
    const key = `${userAutomationId}.${newSecret()}`
    const subscription = { userAutomationId, userId, key, provisionedAt: new Date().toISOString() }
    const all = new Map(this.all).set(userAutomationId, subscription)
    this.save([...all.values()])
    this.all = all
    return subscription
  }

  withKey(key: string): Subscription | undefined {
    const subscription = this.all.get(Number(key.split('.', 1)[0]))
    return subscription && sameSecret(key, subscription.key) ? subscription : undefined
  }

  private save(subscriptions: Subscription[]): void {
    const temporary = `${this.path}.new`
    writeSynced(temporary, `${JSON.stringify({ subscriptions }, null, 2)}\n`)
    renameSync(temporary, this.path)
    const folder = openSync(this.folder, 'r')
    fsyncSync(folder)
    closeSync(folder)
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function load(path: string): Subscription[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const subscriptions = parse(text)
  if (!subscriptions) throw new Error(`${path} is damaged; mend it, or move it away and provision again`)
  return subscriptions
}

function parse(text: string): Subscription[] | undefined {
  try {
    const { subscriptions } = JSON.parse(text)
    return Array.isArray(subscriptions) && subscriptions.every(isSubscription) ? subscriptions : undefined
  } catch {
    return undefined
  }
}

function isSubscription(value: unknown): value is Subscription {
  const { userAutomationId, userId, key } = Object(value)
  return Number.isSafeInteger(userAutomationId) && Number.isSafeInteger(userId) && typeof key === 'string'
}
