import { afterEach, beforeEach, expect, test } from 'bun:test'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from './journal.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zimmer-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('what was appended is there after a restart, in order', async () => {
  const { journal } = Journal.open(folder)
  for (let seq = 1; seq <= 50; seq++) await journal.append(seq, `record ${seq} – یک`)
  journal.close()
  const { records } = Journal.open(folder)
  expect(records).toHaveLength(50)
  expect(records[49]).toEqual({ seq: 50, payload: 'record 50 – یک' })
})

test('a torn last record is not there, and the next one takes its place', async () => {
  const { journal } = Journal.open(folder)
  await journal.append(1, 'whole')
  await journal.append(2, 'torn')
  journal.close()
  const fd = openSync(join(folder, 'ledger-0.journal'), 'r+')
  writeSync(fd, Buffer.from([0xff]), 0, 1, 16 + 5 + 16 + 2)
  closeSync(fd)
  const again = Journal.open(folder)
  expect(again.records).toEqual([{ seq: 1, payload: 'whole' }])
  await again.journal.append(2, 'again')
  again.journal.close()
  expect(Journal.open(folder).records).toEqual([
    { seq: 1, payload: 'whole' },
    { seq: 2, payload: 'again' },
  ])
})

test('released room is used again, unreleased room never, and old records do not come back', async () => {
  const { journal } = Journal.open(folder)
  const payload = 'x'.repeat(1_048_576)
  let seq = 0
  const fill = async () => {
    for (;;) await journal.append(++seq, payload)
  }
  await expect(fill()).rejects.toThrow('The ledger is behind')
  seq--
  expect(seq).toBe(14)
  journal.release(seq)
  await journal.append(++seq, payload)
  journal.close()
  const { records } = Journal.open(folder)
  expect(records.map((record) => record.seq)).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
})
