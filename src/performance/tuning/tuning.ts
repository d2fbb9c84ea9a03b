import { rmSync } from 'node:fs'
import type { Mutex } from '../../lib/mutex.ts'
import { Refusal, type RefusalDetails, type RefusalKind } from '../../lib/refusal.ts'
import type { Engine } from '../../storage/engine.ts'
import { openPostgresEngine } from '../../storage/engine-postgres.ts'
import { newScratch } from '../../storage/engine-sqlite.ts'
import { type Examination, examine } from './examine.ts'
import { type Hands, type Outcome, optimize, type Undone, undoLast, type Wishes } from './optimize.ts'

/** A database to look at. With `lock` nobody else in this process writes to the file during a step. */
export type Place =
  | { dialect: 'sqlite'; file: string; lock?: Mutex | undefined }
  | { dialect: 'postgres'; url: string }

export type Task =
  | { kind: 'examine'; check?: boolean | undefined }
  | { kind: 'optimize'; wishes: Wishes }
  | { kind: 'undo'; check?: boolean | undefined }

type ResultOf<T extends Task> = T extends { kind: 'examine' }
  ? Examination
  : T extends { kind: 'optimize' }
    ? Outcome
    : Undone

export type ToWorker = { file: string; scratch: string; task: Task } | { go: boolean }

export type FromWorker =
  | { progress: Parameters<NonNullable<Hands['onProgress']>>[0] }
  | { turn: 'wanted' | 'over' }
  | { result: Examination | Outcome | Undone }
  | { refused: { kind: RefusalKind; code: string; message: string; details: RefusalDetails } }
  | { failed: { message: string; stack: string } }

/** A step that hears of an interruption answers at once; one that is at work doesn't. */
const ANSWER_MS = 500

/**
 * Looks at a database, mends it, or takes the last mending back, beside whoever uses it. SQLite's work is done on a
 * thread of its own.
 *
 * @throws Refusal as `examine` and `optimize` do, and `interrupted` when `signal` came in the middle of a step, of
 *   which nothing remains.
 */
export async function tune<T extends Task>(place: Place, task: T, hands: Hands = {}): Promise<ResultOf<T>> {
  if (place.dialect === 'sqlite') return (await onThread(place, task, hands)) as ResultOf<T>
  const engine = await openPostgresEngine(place.url)
  try {
    return (await perform(engine, task, hands)) as ResultOf<T>
  } finally {
    await engine.close()
  }
}

export function perform(engine: Engine, task: Task, hands: Hands): Promise<Examination | Outcome | Undone> {
  switch (task.kind) {
    case 'examine':
      return examine(engine, task)
    case 'optimize':
      return optimize(engine, task.wishes, hands)
    case 'undo':
      return undoLast(engine, hands, task.check)
  }
}

function onThread(
  { file, lock }: Extract<Place, { dialect: 'sqlite' }>,
  task: Task,
  { onProgress, signal }: Hands,
): Promise<Examination | Outcome | Undone> {
  const worker = startWorker()
  // A thread that is ended in the middle of a rehearsal removes nothing.
  const scratch = newScratch()
  const clear = () => rmSync(scratch, { recursive: true, force: true })
  process.on('exit', clear)
  const say = (message: ToWorker) => worker.postMessage(message)
  let endTurn = () => {}
  /** A turn lasts until the thread says that it is over. */
  const turn = async () => {
    const over = new Promise<void>((resolve) => {
      endTurn = resolve
    })
    const take = async () => {
      const go = !signal?.aborted
      say({ go })
      if (go) await over
    }
    await (lock ? lock.run(take) : take())
  }
  return new Promise<Examination | Outcome | Undone>((resolve, reject) => {
    signal?.addEventListener('abort', () => void setTimeout(() => reject(interrupted()), ANSWER_MS).unref())
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ('progress' in data) onProgress?.(data.progress)
      else if ('result' in data) resolve(data.result)
      else if ('refused' in data) {
        const { kind, code, message, details } = data.refused
        reject(new Refusal(kind, code, message, details))
      } else if ('failed' in data) {
        reject(Object.assign(new Error(data.failed.message), { stack: data.failed.stack }))
      } else if (data.turn === 'over') endTurn()
      else void turn()
    }
    worker.onerror = ({ message }) => reject(new Error(`the thread for the database failed: ${message}`))
    say({ file, scratch, task })
  }).finally(() => {
    endTurn()
    worker.terminate()
    clear()
    process.off('exit', clear)
  })
}

const interrupted = () =>
  new Refusal(
    'overloaded',
    'interrupted',
    'interrupted: finished steps stand, the one under way is rolled back; run it again for the rest',
  )

function startWorker() {
  return new Worker(
    Bun.isStandaloneExecutable
      ? './performance/tuning/tuning.worker.ts'
      : new URL('./tuning.worker.ts', import.meta.url),
  )
}
