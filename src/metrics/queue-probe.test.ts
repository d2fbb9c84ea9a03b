import { expect, test } from 'bun:test'
import { QueueProbe } from './queue-probe.ts'

test('a loop that is kept busy is a wait, whether it is asked about before or after the next byte', async () => {
  const probe = new QueueProbe()
  await probe.start()
  const sending = setInterval(() => probe.send(), 20)
  try {
    await Bun.sleep(60)
    Bun.sleepSync(400)
    expect(probe.waitMs()).toBeGreaterThan(300)
    // The byte is sent late and then read at once: it counts from when it was due all the same.
    let longest = 0
    for (let nth = 0; nth < 10; nth++) {
      await Bun.sleep(1)
      longest = Math.max(longest, probe.waitMs())
    }
    expect(longest).toBeGreaterThan(300)
  } finally {
    clearInterval(sending)
    probe.stop()
  }
  expect(probe.waitMs()).toBe(0)
})
