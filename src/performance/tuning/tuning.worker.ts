import { Refusal } from '../../lib/refusal.ts'
import { openSqliteEngine } from '../../storage/engine-sqlite.ts'
import type { Hands } from './optimize.ts'
import { type FromWorker, perform, type ToWorker } from './tuning.ts'

// The thread on which a SQLite file is looked at and changed: an index of a large table takes minutes, and the
// thread that asks for it has requests to answer, or a signal to hear.

declare const self: Worker

const controller = new AbortController()
let answer: (go: boolean) => void = () => {}

const say = (message: FromWorker) => self.postMessage(message)

/** Whoever started this thread says when a step may begin, or that none may any more. */
const hands: Hands = {
  signal: controller.signal,
  onProgress: (progress) => say({ progress }),
  turn: async (work) => {
    const go = await new Promise<boolean>((resolve) => {
      answer = resolve
      say({ turn: 'wanted' })
    })
    if (!go) {
      controller.abort()
      throw new Error('interrupted')
    }
    try {
      return await work()
    } finally {
      say({ turn: 'over' })
    }
  },
}

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if ('go' in data) return answer(data.go)
  const { file, scratch, task } = data
  try {
    const changes = task.kind === 'undo' || (task.kind === 'optimize' && !task.wishes.dryRun)
    const engine = openSqliteEngine(file, { change: changes, scratch })
    // Closed before anybody hears of it, for then this thread is ended.
    const result = await perform(engine, task, hands).finally(() => engine.close())
    say({ result })
  } catch (error) {
    const { message, stack = '' } = error as Error
    if (!(error instanceof Refusal)) return say({ failed: { message, stack } })
    const { kind, code, details } = error
    say({ refused: { kind, code, message, details } })
  }
}
