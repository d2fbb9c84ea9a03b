import { describe, expect, test } from 'bun:test'
import { databases, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { enqueue, type Job, Worker } from './queue.ts'

const workerFor = ({ app }: TestZimmer, jobs: readonly Job[]) =>
  new Worker(app.storage, jobs, app.log, app.metrics)

const add = (zimmer: TestZimmer, kind: string, count = 1) =>
  zimmer.app.write(async (tx) => {
    for (let i = 0; i < count; i++) await enqueue(tx, { kind, maxAttempts: 1 }, i)
  })

const states = async ({ app }: TestZimmer) =>
  (await app.db.selectFrom('jobs').select(['kind', 'state']).orderBy('id').execute()).map(
    ({ kind, state }) => `${kind} ${state}`,
  )

async function until(seen: () => boolean) {
  while (!seen()) await Bun.sleep(5)
}

describe.each(databases)('the worker on %s', (database) => {
  test('a job that hangs does not hold up the others, and a stop waits for it', async () => {
    await using zimmer = await testZimmer(database)
    const released = Promise.withResolvers<void>()
    let done = 0
    const worker = workerFor(zimmer, [
      { kind: 'hangs', run: () => released.promise },
      {
        kind: 'quick',
        run: async () => {
          done++
        },
      },
    ])
    await add(zimmer, 'hangs')
    await add(zimmer, 'quick', 10)
    worker.start()
    await until(() => done === 10)
    let isStopped = false
    const stopped = worker.stop().then(() => {
      isStopped = true
    })
    await Bun.sleep(20)
    expect(isStopped).toBe(false)
    released.resolve()
    await stopped
    expect(await states(zimmer)).toEqual(['hangs done', ...Array(10).fill('quick done')])
  })

  test('four run at once and no more, each of them once, with two workers too', async () => {
    await using zimmer = await testZimmer(database)
    const runs = new Map<unknown, number>()
    let now = 0
    let most = 0
    const job: Job = {
      kind: 'counted',
      run: async (payload) => {
        runs.set(payload, (runs.get(payload) ?? 0) + 1)
        most = Math.max(most, ++now)
        // The first ones wait until there are four, however slowly they are claimed; then others could join.
        await until(() => most >= 4)
        await Bun.sleep(30)
        now--
      },
    }
    await add(zimmer, 'counted', 12)
    await workerFor(zimmer, [job]).drain()
    expect(most).toBe(4)
    expect([runs.size, ...new Set(runs.values())]).toEqual([12, 1])

    runs.clear()
    await add(zimmer, 'counted', 12)
    await Promise.all([workerFor(zimmer, [job]).drain(), workerFor(zimmer, [job]).drain()])
    expect([runs.size, ...new Set(runs.values())]).toEqual([12, 1])
  })

  test('draining also runs what a job has added, and outlives one that fails', async () => {
    await using zimmer = await testZimmer(database)
    const worker = workerFor(zimmer, [
      { kind: 'first', run: () => add(zimmer, 'second', 2) },
      { kind: 'second', run: () => Promise.reject(new Error('no luck')) },
    ])
    await add(zimmer, 'first')
    // A look for work that is answered late: meanwhile the first has added the others and ended.
    const { storage } = zimmer.app
    const { statement } = storage
    storage.statement = (name, text) => {
      const run = statement(name, text)
      return async (...values) => {
        const rows = await run(...values)
        await Bun.sleep(100)
        return rows as never
      }
    }
    await worker.drain()
    storage.statement = statement
    expect(await states(zimmer)).toEqual(['first done', 'second failed', 'second failed'])
  })

  const row = ({ app }: TestZimmer) =>
    app.db.selectFrom('jobs').select(['state', 'attempts', 'last_error']).executeTakeFirst()

  test('a job that its worker died of is tried again as often as it may, and no more', async () => {
    await using zimmer = await testZimmer(database)
    let runs = 0
    const worker = workerFor(zimmer, [{ kind: 'deadly', run: async () => void runs++ }])
    const left = async (attempts: number) => {
      await zimmer.app.write(async (tx) => {
        await tx.deleteFrom('jobs').execute()
        await enqueue(tx, { kind: 'deadly', maxAttempts: 3 }, null)
        await tx
          .updateTable('jobs')
          .set({ state: 'running', attempts, locked_until: tx.now - 1 })
          .execute()
      })
      await worker.drain()
    }
    await left(2)
    expect([runs, await row(zimmer)]).toMatchObject([1, { state: 'done', attempts: 3 }])
    await left(3)
    expect([runs, await row(zimmer)]).toMatchObject([
      1,
      { state: 'failed', attempts: 3, last_error: 'its worker died' },
    ])
  })

  test('a worker that took too long does not end what another has begun', async () => {
    await using zimmer = await testZimmer(database)
    const { app } = zimmer
    for (const fails of [false, true]) {
      await app.write((tx) => tx.deleteFrom('jobs').execute())
      await add(zimmer, 'slow')
      const run = async () => {
        const another = { attempts: 2, max_attempts: 5, locked_until: app.clock() + 60_000 }
        await app.write((tx) => tx.updateTable('jobs').set(another).execute())
        if (fails) throw new Error('no luck')
      }
      await workerFor(zimmer, [{ kind: 'slow', run }]).drain()
      expect(await row(zimmer)).toEqual({ state: 'running', attempts: 2, last_error: null })
    }
  })

  test('jobs that are done are kept for a day, those that failed for a week', async () => {
    await using zimmer = await testZimmer(database)
    const { app } = zimmer
    const DAY = 86_400_000
    for (const [index, state] of (['done', 'done', 'failed', 'failed', 'queued'] as const).entries()) {
      const days = [0.9, 1.1, 6.9, 7.1, 30][index] as number
      await app.write(async (tx) => {
        await enqueue(tx, { kind: `${state}-${days}` }, null, { runAt: tx.now - days * DAY })
        await tx.updateTable('jobs').set({ state }).where('kind', '=', `${state}-${days}`).execute()
      })
    }
    const worker = workerFor(zimmer, [{ kind: 'often', schedule: '* * * * * *', run: async () => {} }])
    worker.start()
    const kinds = async () => (await states(zimmer)).map((state) => state.split(' ')[0])
    while (!(await kinds()).includes('often')) await Bun.sleep(20)
    await worker.stop()
    expect((await kinds()).filter((kind) => kind !== 'often')).toEqual([
      'done-0.9',
      'failed-6.9',
      'queued-30',
    ])
  })
})
