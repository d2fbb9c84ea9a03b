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
    await worker.drain()
    expect(await states(zimmer)).toEqual(['first done', 'second failed', 'second failed'])
  })
})
